//! One process: a guest, its two machines, and what clients may set. Commands act on this.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use migration_runtime::address::Address;
use migration_runtime::parameters::Parameters;
use migration_runtime::wire::Token;
use serde_json::{Map, Value};

use crate::capabilities::Capabilities;
use crate::encryption::Encryption;
use crate::figures::MigrationInfo;
use crate::qmp::CommandError;
use crate::shutdown::Shutdown;
use crate::vm::Vm;

/// The two machines and the work behind them, as commands use them.
///
/// Each method raises one trigger, or only looks. A trigger that the table refuses is an error of the class that the
/// table gives it, and leaves no trace.
pub trait Migrations: Send + Sync {
    /// Begins to move the guest to `to`. Connecting happens later. Without a token, one is drawn at random.
    ///
    /// # Errors
    /// When the machine refuses.
    fn migrate(&self, to: Address, token: Option<Token>) -> Result<(), CommandError>;

    /// Binds `at`, and begins to wait there for a guest.
    ///
    /// # Errors
    /// When the address cannot be bound, or the machine refuses.
    fn incoming(&self, at: Address, awaits: Awaits) -> Result<(), CommandError>;

    /// Cancels the migration. Has no effect when there is none.
    ///
    /// # Errors
    /// When the machine refuses.
    fn cancel(&self) -> Result<(), CommandError>;

    /// Goes on from the pause before the switchover.
    ///
    /// # Errors
    /// When the machine refuses.
    fn go_on(&self) -> Result<(), CommandError>;

    /// Switches over now, and lets the rest of the memory follow.
    ///
    /// # Errors
    /// When the machine refuses.
    fn start_postcopy(&self) -> Result<(), CommandError>;

    /// Pauses a post-copy, on whichever side this process is.
    ///
    /// # Errors
    /// When the machine refuses.
    fn pause(&self) -> Result<(), CommandError>;

    /// Connects a paused post-copy again, to `to`.
    ///
    /// # Errors
    /// When the machine refuses.
    fn resume(&self, to: Address) -> Result<(), CommandError>;

    /// Binds `at`, and waits there for the source of a paused post-copy.
    ///
    /// # Errors
    /// When the address cannot be bound, or the machine refuses.
    fn recover(&self, at: Address) -> Result<(), CommandError>;

    /// Ends a paused post-copy whose other side is gone for good.
    ///
    /// # Errors
    /// When the machine refuses.
    fn give_up(&self) -> Result<(), CommandError>;

    /// Returns the status of both sides, and the figures of the source's attempt.
    fn query(&self) -> MigrationInfo;

    /// Cancels a migration that can still be cancelled, because the process ends, and waits until none is going on, but
    /// no longer than `limit`. A post-copy is waited for as long as its pages move, and not at all while it is paused.
    fn end(&self, limit: Duration);
}

/// How a guest is awaited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Awaits {
    /// The process ends if no guest arrives.
    pub exit_on_error: bool,
    /// Only a source with this token may come.
    pub token: Option<Token>,
}

/// What clients may learn of the guest, apart from its runstate.
pub trait Inspect: Send + Sync {
    /// Returns the members of the reply to `x-query-guest`: the kind of guest and how far it has counted.
    fn look(&self) -> Map<String, Value>;

    /// Compares the memory of the stopped guest with what it must hold, and returns the reply to `x-verify-guest`.
    ///
    /// # Errors
    /// When the memory cannot be compared. Memory that is damaged is not an error: the reply says so.
    fn verify(&self) -> Result<Value, String>;
}

/// One process with one guest.
pub struct Host {
    /// The name that the user gave it.
    pub name: Option<String>,
    /// The guest, for clients that look at it.
    pub guest: Arc<dyn Inspect>,
    /// The guest with its runstate.
    pub vm: Arc<Vm>,
    /// The migration capabilities that clients have switched on.
    pub capabilities: Arc<Capabilities>,
    /// The limits that clients set. They act at once, on a running migration too.
    pub parameters: Arc<Parameters>,
    /// How migrations are encrypted.
    pub encryption: Arc<Encryption>,
    /// The two machines.
    pub migrations: Arc<dyn Migrations>,
    /// Ends the process.
    pub shutdown: Arc<Shutdown>,
    /// Held while a command runs, so that the commands of several clients do not overlap.
    pub turn: Mutex<()>,
}
