//! The commands: what there is, what each takes, and the function behind it. One registry, in the order of the names.

mod about;
mod capabilities;
mod channels;
mod guest;
mod migrate;
mod parameters;
mod run;

use serde_json::{Value, json};

use crate::host::Host;
use crate::qmp::{Argument, Arguments, CommandError};

/// One command.
pub struct Command {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// What it takes.
    pub arguments: &'static [Argument],
    /// Carries it out. The arguments have been checked.
    pub run: fn(&Host, Arguments<'_>) -> Result<Value, CommandError>,
}

/// Every command but `qmp_capabilities`, which belongs to the session.
pub const COMMANDS: &[&Command] = &[
    &run::CONT,
    &migrate::MIGRATE,
    &migrate::CONTINUE,
    &migrate::INCOMING,
    &capabilities::SET,
    &parameters::SET,
    &migrate::CANCEL,
    &about::COMMANDS,
    &migrate::QUERY,
    &capabilities::QUERY,
    &parameters::QUERY,
    &about::NAME,
    &run::QUERY,
    &about::VERSION,
    &run::QUIT,
    &run::STOP,
    &guest::QUERY,
    &guest::VERIFY,
];

/// The command of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name).copied()
}

/// Success, and nothing to tell.
fn done() -> Result<Value, CommandError> {
    Ok(json!({}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_unique() {
        assert!(COMMANDS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
