//! T0442 `reason-too-early`: a row says why the attempt ends, and the attempt can go on as if nothing had happened.

use std::collections::BTreeSet;

use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Row, StateId, Table};
use crate::search;

pub(super) const CHECK: Check = Check {
    code: Code("T0442"),
    name: "reason-too-early",
    severity: Severity::Warning,
    explain: "A reason says why an attempt ends, and the first one given is kept until the next attempt begins. After this \
              transition the same attempt can come back to the state that it left, and may succeed then: clients are told \
              this reason all the same. That is so of a pause, or of a clean-up that tries again. Give the reason where \
              the end is decided. Silence it where the way back is there for what ends for this reason as well.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    let mut told = BTreeSet::new();
    for row in &machine.rows {
        let back = back(machine, row);
        let Some(reason) = row.reason.filter(|_| !back.is_empty() && told.insert(row.span)) else { continue };
        let (reason, states) = (&table.reasons[reason.index()].key, wording::states(machine, &back));
        let message =
            format!("transition `{}` gives the reason `{reason}`, and the attempt can come back to {states}", row.when);
        let finding = Finding::warning(CHECK.code, row.span, message, "kept, however the attempt ends");
        out.push(finding.with_help("remove `reason` here, and give it where the attempt ends"));
    }
}

/// The states that a row with a reason leaves and to which the attempt can come back.
pub(super) fn back(machine: &Machine, row: &Row) -> Vec<StateId> {
    // What a fixed guard decides stays so for the attempt, and may forbid the way back: such rows do not count.
    let fixed = machine.fixed_guards();
    let counts = |row: &Row| row.cubes.iter().any(|cube| !cube.asks().intersects(fixed));
    if row.reason.is_none() || !counts(row) {
        return Vec::new();
    }
    let is_idle = |state: StateId| machine.state(state).kind == Kind::Idle;
    let onward = |state: &StateId| {
        let state = *state;
        let rows = machine.rows.iter().filter(move |row| row.from.contains(&state) && counts(row));
        rows.map(|row| row.to).filter(move |_| !is_idle(state)).collect::<Vec<_>>()
    };
    let after: BTreeSet<StateId> = search::reachable([row.to], onward).into_iter().collect();
    row.from.iter().copied().filter(|state| !is_idle(*state) && after.contains(state)).collect()
}
