//! The boundary between the protocol and what its commands do.

use serde_json::{Map, Value};

use super::reply::CommandError;

/// Executes the commands of every session.
pub trait Dispatch: Send + Sync {
    /// Executes one command. `arguments` is the member of that name, empty when the client left it out.
    ///
    /// # Errors
    /// When the command fails or is refused. Then it has changed nothing.
    fn dispatch(&self, command: &str, arguments: &Map<String, Value>) -> Result<Value, CommandError>;

    /// Returns whether there is a command of this name.
    fn knows(&self, command: &str) -> bool;

    /// Returns the value of `version` in the greeting.
    fn version(&self) -> Value;
}
