//! `query-name`, `query-version`: which process and which program this is.

use serde_json::{Value, json};

use super::command::{Command, done};

pub(super) const NAME: Command = Command {
    name: "query-name",
    about: "report the name given by `--name`",
    arguments: &[],
    run: |host, _| match &host.name {
        Some(name) => Ok(json!({ "name": name })),
        None => done(),
    },
};

pub(super) const VERSION: Command = Command {
    name: "query-version",
    about: "report the version of this program",
    arguments: &[],
    run: |_, _| Ok(version()),
};

/// Returns the version of this program in the form that QMP has for QEMU's.
pub(super) fn version() -> Value {
    let mut numbers = env!("CARGO_PKG_VERSION").split('.').map(|number| number.parse::<u32>().unwrap_or_default());
    let mut next = || numbers.next().unwrap_or_default();
    let qemu = json!({ "major": next(), "minor": next(), "micro": next() });
    json!({ "qemu": qemu, "package": concat!("migration-host ", env!("CARGO_PKG_VERSION")) })
}
