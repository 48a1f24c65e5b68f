//! One process: a guest, its two machines, and what clients may set. Commands act on this.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use migration_runtime::address::Address;
use migration_runtime::parameters::Parameters;
use serde_json::{Map, Value, json};

use crate::capabilities::Capabilities;
use crate::commands;
use crate::figures::Picture;
use crate::qmp::{Arguments, CommandError, Dispatch};
use crate::shutdown::Shutdown;
use crate::vm::Vm;

/// What the host needs of the two machines and the work behind them.
///
/// Each method raises one trigger, or only looks. A refusal is an error for the user, of the class that the
/// table gives it, and leaves no trace.
pub trait Migrations: Send + Sync {
    /// Begins to move the guest to `to`. Connecting happens later.
    ///
    /// # Errors
    /// When the machine refuses.
    fn migrate(&self, to: Address) -> Result<(), CommandError>;

    /// Binds `at`, and begins to wait there for a guest. `exit_on_error` says whether the process ends if none arrives.
    ///
    /// # Errors
    /// When the address cannot be bound, or the machine refuses.
    fn incoming(&self, at: Address, exit_on_error: bool) -> Result<(), CommandError>;

    /// Cancels the migration; no effect when there is none.
    ///
    /// # Errors
    /// When the machine refuses.
    fn cancel(&self) -> Result<(), CommandError>;

    /// Goes on from the pause before the switchover.
    ///
    /// # Errors
    /// When the machine refuses.
    fn go_on(&self) -> Result<(), CommandError>;

    /// What both sides show, of one moment each.
    fn picture(&self) -> Picture;

    /// Cancels a migration that can still be cancelled, because the process ends, and waits at most for `limit` until
    /// none is going on.
    fn end(&self, limit: Duration);
}

/// What clients may learn of the guest beyond whether it runs.
pub trait Inspect: Send + Sync {
    /// What kind of guest it is, and how far it has come: the members of `x-query-guest`.
    fn look(&self) -> Map<String, Value>;

    /// Whether the memory of the stopped guest is what it must be: the reply to `x-verify-guest`.
    ///
    /// # Errors
    /// When it cannot be told; a guest whose memory is wrong is not an error but a reply that says so.
    fn verify(&self) -> Result<Value, String>;
}

/// One process with one guest.
pub struct Host {
    /// The name that the user gave it.
    pub name: Option<String>,
    /// What there is to learn of the guest.
    pub guest: Arc<dyn Inspect>,
    /// The guest with its runstate.
    pub vm: Arc<Vm>,
    /// What clients have switched on.
    pub capabilities: Arc<Capabilities>,
    /// What clients tune; acts at once, on a running migration too.
    pub parameters: Arc<Parameters>,
    /// The two machines.
    pub migrations: Arc<dyn Migrations>,
    /// The way to end the process.
    pub shutdown: Arc<Shutdown>,
    /// Held while a command is executed: commands of several clients do not overlap.
    pub turn: Mutex<()>,
}

impl Dispatch for Host {
    fn dispatch(&self, name: &str, arguments: &Map<String, Value>) -> Result<Value, CommandError> {
        let Some(command) = commands::find(name) else {
            return Err(CommandError::not_found(format!("there is no command `{name}`")));
        };
        let arguments = Arguments::check(arguments, command.arguments)?;
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let result = (command.run)(self, arguments);
        match &result {
            Ok(_) => tracing::debug!(command = name, "command executed"),
            Err(error) => tracing::info!(command = name, %error, "command refused"),
        }
        result
    }

    fn knows(&self, command: &str) -> bool {
        commands::find(command).is_some()
    }

    fn version(&self) -> Value {
        version()
    }
}

/// The version of this program in the form that QMP has for QEMU's.
#[must_use]
pub fn version() -> Value {
    let mut numbers = env!("CARGO_PKG_VERSION").split('.').map(|number| number.parse::<u32>().unwrap_or_default());
    let mut next = || numbers.next().unwrap_or_default();
    let qemu = json!({ "major": next(), "minor": next(), "micro": next() });
    json!({ "qemu": qemu, "package": concat!("migration-host ", env!("CARGO_PKG_VERSION")) })
}
