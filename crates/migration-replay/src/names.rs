//! Under which names clients are told the status: those that the table gives, or those of QEMU.

use std::collections::{BTreeMap, BTreeSet};

use migration_table::model::{FactKind, Qmp, Table};
use serde_json::Value;

use super::told;

/// What QEMU calls the status of one kind of machine.
struct Known {
    event: &'static str,
    query: &'static str,
    capability: Option<&'static str>,
    subjects: &'static [&'static str],
    /// Statuses that only this kind has.
    statuses: &'static [&'static str],
}

/// The machines of QEMU whose statuses are events. A table that names no event means one of them: the first, unless most
/// of its statuses are those of another.
const KNOWN: &[Known] = &[
    Known {
        event: "MIGRATION",
        query: "query-migrate",
        capability: Some("events"),
        subjects: &[],
        statuses: &["setup", "active", "cancelling", "cancelled", "completed", "failed", "postcopy-active"],
    },
    Known {
        event: "JOB_STATUS_CHANGE",
        query: "query-jobs",
        capability: None,
        subjects: &["id", "job-id", "device"],
        statuses: &["created", "running", "paused", "ready", "standby", "waiting", "pending", "aborting", "concluded"],
    },
];

/// The member that holds the status where the table does not say.
const MEMBER: &str = "status";

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
    /// The event that carries the status.
    pub(crate) event: String,
    /// The member of the event and of the reply that holds it.
    pub(crate) member: String,
    /// The member that holds the reason; `None` where clients are not told.
    pub(crate) reason: Option<String>,
    /// The command that asks for it.
    pub(crate) query: String,
    /// The capability that switches the event on; `None` if it is always sent.
    pub(crate) capability: Option<String>,
    /// Members and arguments that tell apart several machines in one process.
    pub(crate) subjects: Vec<String>,
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
        let fits = |known: &&Known| known.statuses.iter().filter(|status| statuses.contains(**status)).count();
        // Of several that fit equally well, the first.
        let known = KNOWN.iter().rev().max_by_key(fits).unwrap_or(&KNOWN[0]);
        // An event of the table's own has nothing to do with what QEMU calls the rest.
        let is_known = qmp.event.is_none();
        let subjects = || known.subjects.iter().map(|name| (*name).to_owned()).collect();
        let query = qmp.query.clone().unwrap_or_else(|| known.query.to_owned());
        let all = commands.into_iter().chain(COMMANDS.iter().map(|name| (*name).to_owned())).chain([query.clone()]);
        Names {
            event: qmp.event.clone().unwrap_or_else(|| known.event.to_owned()),
            member: qmp.member.clone().unwrap_or_else(|| MEMBER.to_owned()),
            reason: qmp.reason.clone(),
            capability: match (&qmp.capability, is_known) {
                (Some(name), _) => Some(name.clone()),
                (None, true) => known.capability.map(str::to_owned),
                (None, false) => None,
            },
            subjects: if qmp.subjects.is_empty() && is_known { subjects() } else { qmp.subjects.clone() },
            query,
            commands: all.map(|name| (name.replace('_', "-"), name)).collect(),
            statuses,
        }
    }

    /// What an event or a reply tells: the status, with the reason if it holds one.
    pub(crate) fn told(&self, members: &Value) -> Option<String> {
        let status = members.get(&self.member)?.as_str()?;
        let reason = self.reason.as_ref().and_then(|reason| members.get(reason)?.as_str());
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
