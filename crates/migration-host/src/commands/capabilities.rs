//! `migrate-set-capabilities` and `query-migrate-capabilities`.

use migration_runtime::postcopy::Fetch;
use serde_json::{Value, json};

use super::command::{Command, done};
use crate::capabilities::{Capability, UNSUPPORTED};
use crate::host::Host;
use crate::qmp::{Argument, Arguments, CommandError, Kind};

const STATUS: &[Argument] =
    &[Argument::required("capability", Kind::String), Argument::required("state", Kind::Boolean)];

pub(super) const SET: Command = Command {
    name: "migrate-set-capabilities",
    about: "switch migration capabilities on or off; not while a guest is being moved away, or arrives by a post-copy",
    arguments: &[Argument::required("capabilities", Kind::Objects(STATUS))],
    run: set,
};

pub(super) const QUERY: Command = Command {
    name: "query-migrate-capabilities",
    about: "list the migration capabilities and which are on",
    arguments: &[],
    run: |host, _| {
        let own = Capability::ALL.into_iter().map(|one| (one.name(), host.capabilities.is_on(one)));
        let others = UNSUPPORTED.iter().map(|name| (*name, false));
        let list = own.chain(others).map(|(name, on)| json!({ "capability": name, "state": on }));
        Ok(Value::Array(list.collect()))
    },
};

/// Switches all or none: the whole list is read before the first is switched.
///
/// An attempt of the source has fixed capabilities, and so has a post-copy on the destination. A destination that waits
/// for a guest may still be told which ones to use.
fn set(host: &Host, arguments: Arguments<'_>) -> Result<Value, CommandError> {
    let mut changes = Vec::new();
    for status in arguments.objects("capabilities").into_iter().flatten() {
        let name = status.string("capability").unwrap_or_default();
        let on = status.boolean("state").unwrap_or_default();
        match Capability::from_name(name) {
            Some(capability) => changes.push((capability, on)),
            None if !UNSUPPORTED.contains(&name) => {
                return Err(CommandError::generic(format!("there is no migration capability `{name}`")));
            }
            None if on => {
                return Err(CommandError::generic(format!(
                    "migration capability `{name}` is not supported by this host"
                )));
            }
            None => {}
        }
    }
    let info = host.migrations.query();
    if info.source.in_progress {
        return Err(CommandError::generic(
            "capabilities cannot be changed while a migration is in progress; wait until it is over or cancel it",
        ));
    }
    if info.receives_postcopy() {
        return Err(CommandError::generic(
            "There's a migration process in progress: capabilities cannot be changed before the post-copy of this guest is over",
        ));
    }
    let is_on = |capability: Capability| {
        let last = changes.iter().rev().find(|(changed, _)| *changed == capability);
        last.map_or_else(|| host.capabilities.is_on(capability), |(_, on)| *on)
    };
    for capability in Capability::ALL.into_iter().filter(|capability| is_on(*capability)) {
        if let Some(required) = capability.requires().filter(|required| !is_on(*required)) {
            return Err(CommandError::generic(format!(
                "migration capability `{}` requires `{}`: switch both on, or both off",
                capability.name(),
                required.name()
            )));
        }
    }
    if changes.contains(&(Capability::PostcopyRam, true)) {
        Fetch::check_host().map_err(|error| {
            CommandError::generic(format!("migration capability `postcopy-ram` cannot be had on this host: {error}"))
        })?;
    }
    for (capability, on) in changes {
        host.capabilities.set(capability, on);
        if capability == Capability::AutoConverge {
            host.parameters.set_auto_converge(on);
        }
    }
    done()
}
