//! What a command is.

use serde_json::{Value, json};

use crate::host::Host;
use crate::qmp::{Argument, Arguments, CommandError};

/// One command.
pub struct Command {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// The arguments that it takes.
    pub arguments: &'static [Argument],
    /// Executes it, after its arguments have been checked.
    pub run: fn(&Host, Arguments<'_>) -> Result<Value, CommandError>,
}

/// Returns the empty reply, once the machine has accepted.
pub(super) fn answered(result: Result<(), CommandError>) -> Result<Value, CommandError> {
    result.and_then(|()| done())
}

/// Returns the empty reply of a command that succeeded.
pub(super) fn done() -> Result<Value, CommandError> {
    Ok(json!({}))
}
