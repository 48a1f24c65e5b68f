//! The names of the wire that a table means: those that it gives, and for what it leaves out those of QEMU.

use std::collections::BTreeSet;

use super::public::Qmp;

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

/// Names of the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// The event that carries the status.
    pub event: String,
    /// The member of the event and of the reply that holds it.
    pub member: String,
    /// The member that holds the reason; `None` where clients are not told.
    pub reason: Option<String>,
    /// The command that asks for it.
    pub query: String,
    /// The capability that switches the event on; `None` if it is always sent.
    pub capability: Option<String>,
    /// Members and arguments that tell apart several machines in one process.
    pub subjects: Vec<String>,
}

impl Wire {
    /// Returns the names that a table with these statuses means.
    #[must_use]
    pub fn of(qmp: &Qmp, statuses: &BTreeSet<String>) -> Wire {
        let fits = |known: &&Known| known.statuses.iter().filter(|status| statuses.contains(**status)).count();
        // Of several that fit equally well, the first.
        let known = KNOWN.iter().rev().max_by_key(fits).unwrap_or(&KNOWN[0]);
        // An event of the table's own has nothing to do with what QEMU calls the rest.
        let is_known = qmp.event.is_none();
        let subjects = || known.subjects.iter().map(|name| (*name).to_owned()).collect();
        Wire {
            event: qmp.event.clone().unwrap_or_else(|| known.event.to_owned()),
            member: qmp.member.clone().unwrap_or_else(|| MEMBER.to_owned()),
            reason: qmp.reason.clone(),
            query: qmp.query.clone().unwrap_or_else(|| known.query.to_owned()),
            capability: match (&qmp.capability, is_known) {
                (Some(name), _) => Some(name.clone()),
                (None, true) => known.capability.map(str::to_owned),
                (None, false) => None,
            },
            subjects: if qmp.subjects.is_empty() && is_known { subjects() } else { qmp.subjects.clone() },
        }
    }
}
