//! `query-commands`, `query-name`, `query-version`: what this program is.

use serde_json::{Value, json};

use super::{COMMANDS as ALL, Command};
use crate::host::version;

pub(super) const COMMANDS: Command = Command {
    name: "query-commands",
    about: "list the commands",
    arguments: &[],
    run: |_, _| {
        let own = ALL.iter().map(|command| command.name);
        let names = own.chain(["qmp_capabilities"]).map(|name| json!({ "name": name }));
        Ok(Value::Array(names.collect()))
    },
};

pub(super) const NAME: Command = Command {
    name: "query-name",
    about: "tell the name given by `--name`",
    arguments: &[],
    run: |host, _| match &host.name {
        Some(name) => Ok(json!({ "name": name })),
        None => super::done(),
    },
};

pub(super) const VERSION: Command = Command {
    name: "query-version",
    about: "tell the version of this program",
    arguments: &[],
    run: |_, _| Ok(version()),
};
