//! Under which names clients are told the status: those that the table gives, or those of QEMU.

use std::collections::{BTreeMap, BTreeSet};

use migration_table::model::{FactKind, Qmp, Table, Wire};
use serde_json::Value;

use super::told;

/// Commands that mean something for any table, as they are written.
const COMMANDS: &[&str] = &[
    "human-monitor-command",
    "migrate-set-capabilities",
    "migrate-set-parameters",
    "query-migrate-capabilities",
    "qmp_capabilities",
];

/// Names of the wire.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) wire: Wire,
    /// The statuses of the table.
    statuses: BTreeSet<String>,
    /// Commands that mean something, by their names with `-` for `_`.
    commands: BTreeMap<String, String>,
}

impl Default for Names {
    /// Those of QEMU's migration.
    fn default() -> Names {
        Names::new(&Qmp::default(), BTreeSet::new(), Vec::new())
    }
}

impl Names {
    pub(crate) fn of(table: &Table) -> Names {
        let facts = table.machines.iter().flat_map(|machine| &machine.facts);
        let commands = facts.filter_map(|fact| match &fact.kind {
            FactKind::Trigger { command, .. } => Some(command.clone()),
            FactKind::Event | FactKind::Message(_) | FactKind::Guard { .. } => None,
        });
        let statuses = table.statuses.iter().map(|status| status.name.clone());
        Names::new(&table.qmp, statuses.collect(), commands.collect())
    }

    fn new(qmp: &Qmp, statuses: BTreeSet<String>, commands: Vec<String>) -> Names {
        let wire = Wire::of(qmp, &statuses);
        let own = [wire.query.clone()];
        let all = commands.into_iter().chain(COMMANDS.iter().map(|name| (*name).to_owned())).chain(own);
        Names { wire, commands: all.map(|name| (name.replace('_', "-"), name)).collect(), statuses }
    }

    /// What an event or a reply tells: the status, with the reason if it holds one.
    pub(crate) fn told(&self, members: &Value) -> Option<String> {
        let status = members.get(&self.wire.member)?.as_str()?;
        let reason = self.wire.reason.as_ref().and_then(|reason| members.get(reason)?.as_str());
        Some(told::in_words(status, reason))
    }

    /// The command whose name is written with `_` for every `-`, as in the names of functions.
    pub(crate) fn command(&self, identifier: &str) -> String {
        let name = identifier.replace('_', "-");
        self.commands.get(&name).cloned().unwrap_or(name)
    }

    /// Whether the table, if there is one, may have this status.
    pub(crate) fn may_be_status(&self, name: &str) -> bool {
        self.statuses.is_empty() || self.is_status(name)
    }

    /// Whether the table has this status.
    pub(crate) fn is_status(&self, name: &str) -> bool {
        self.statuses.contains(name)
    }
}
