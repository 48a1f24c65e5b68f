//! What clients are told: a status, and why the attempt ends where the table says under which name that is told.

use migration_table::model::{Machine, ReasonId, Row, StateId, StatusId, Table};
use migration_table::step;

/// What stands between a status and the reason that comes with it, in words.
const BECAUSE: &str = " because ";

/// A status, and the reason with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Told {
    pub(super) status: StatusId,
    pub(super) kept: Kept,
}

/// The reason that a machine keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kept {
    /// It may be any, or none: the attempt began before anybody looked, or clients are not told.
    Unknown,
    /// This one, or none.
    Known(Option<ReasonId>),
}

impl Kept {
    /// The reason that is kept once the row has fired.
    pub(super) fn after(self, machine: &Machine, state: StateId, row: &Row) -> Kept {
        let of = |kept: Option<ReasonId>| step::reason(machine, state, row, kept);
        match self {
            Kept::Known(kept) => Kept::Known(of(kept)),
            // An attempt that begins gives up what was not known.
            Kept::Unknown if machine.state(state).kind == migration_table::model::Kind::Idle => Kept::Known(of(None)),
            Kept::Unknown => Kept::Unknown,
        }
    }
}

impl Told {
    /// Whether this is what was seen. What names no reason may have any.
    pub(super) fn is(self, table: &Table, seen: &str) -> bool {
        let name = &table.statuses[self.status.index()].name;
        match (seen.strip_prefix(name.as_str()), self.kept) {
            (Some(""), _) => true,
            (Some(rest), Kept::Unknown) => rest.starts_with(BECAUSE),
            (Some(rest), Kept::Known(reason)) => {
                let reason = reason.map(|reason| table.reasons[reason.index()].name.as_str());
                rest.strip_prefix(BECAUSE).is_some_and(|told| Some(told) == reason)
            }
            (None, _) => false,
        }
    }

    /// Whether this is what was seen, and a reason belongs to it that was not seen.
    pub(super) fn lacks_reason(self, table: &Table, seen: &str) -> bool {
        matches!(self.kept, Kept::Known(Some(_))) && table.statuses[self.status.index()].name == seen
    }

    /// The same in words.
    pub(super) fn words(self, table: &Table) -> String {
        match self.kept {
            Kept::Known(reason) => table.told((self.status, reason)),
            Kept::Unknown => table.told((self.status, None)),
        }
    }
}

/// A status with the reason that came with it, in words.
pub(super) fn in_words(status: &str, reason: Option<&str>) -> String {
    reason.map_or_else(|| status.to_owned(), |reason| format!("{status}{BECAUSE}{reason}"))
}
