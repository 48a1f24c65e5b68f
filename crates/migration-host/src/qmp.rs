//! The QMP protocol: sessions, framing, requests, replies and events, as QEMU's clients speak it.
//!
//! This part knows nothing of guests or migrations: what a command does is behind [`Dispatch`], what happened is an
//! [`Event`]. Caller above callee: [`server`] accepts clients and gives each a thread that feeds a [`session`];
//! a session cuts bytes into values ([`framing`], [`json`]), values into requests ([`request`]) and has them executed.
//! What goes out, replies and events, passes through one bounded [`outbox`] a client; [`broadcast`] puts each event
//! into all of them in one order.

pub mod arguments;
pub mod broadcast;
pub mod endpoint;
pub mod event;
pub mod framing;
pub mod json;
pub mod outbox;
pub mod reply;
pub mod request;
pub mod server;
pub mod session;

pub use arguments::{Argument, Arguments, Kind, Presence};
pub use broadcast::Broadcast;
pub use endpoint::Endpoint;
pub use event::Event;
pub use reply::{CommandError, ErrorClass};
pub use server::Server;

use serde_json::{Map, Value};

/// What executes the commands of every session.
pub trait Dispatch: Send + Sync {
    /// Executes one command. `arguments` is the member of that name, empty when the client left it out.
    ///
    /// # Errors
    /// What the client is to be told, with its class; nothing has happened then.
    fn dispatch(&self, command: &str, arguments: &Map<String, Value>) -> Result<Value, CommandError>;

    /// Says whether there is a command of this name.
    fn knows(&self, command: &str) -> bool;

    /// The value of `version` in the greeting.
    fn version(&self) -> Value;
}
