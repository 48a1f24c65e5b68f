//! The commands that the host executes: one registry, in the order of the names.

mod about;
mod capabilities;
mod channels;
mod command;
mod guest;
mod migrate;
mod parameters;
mod postcopy;
mod run;

use std::sync::PoisonError;

use serde_json::{Map, Value, json};

pub use self::command::Command;
use crate::host::Host;
use crate::qmp::{Arguments, CommandError, Dispatch};

/// Every command but `qmp_capabilities`, which belongs to the session.
pub const COMMANDS: &[&Command] = &[
    &run::CONT,
    &migrate::MIGRATE,
    &migrate::CONTINUE,
    &postcopy::GIVE_UP,
    &migrate::INCOMING,
    &postcopy::PAUSE,
    &postcopy::RECOVER,
    &capabilities::SET,
    &parameters::SET,
    &postcopy::START,
    &migrate::CANCEL,
    &LIST,
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

const LIST: Command = Command {
    name: "query-commands",
    about: "list the commands",
    arguments: &[],
    run: |_, _| {
        let own = COMMANDS.iter().map(|command| command.name);
        let names = own.chain(["qmp_capabilities"]).map(|name| json!({ "name": name }));
        Ok(Value::Array(names.collect()))
    },
};

impl Dispatch for Host {
    fn dispatch(&self, name: &str, arguments: &Map<String, Value>) -> Result<Value, CommandError> {
        let Some(command) = find(name) else {
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
        find(command).is_some()
    }

    fn version(&self) -> Value {
        about::version()
    }
}

fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_unique() {
        assert!(COMMANDS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
