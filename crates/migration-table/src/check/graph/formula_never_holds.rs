//! T0303 `formula-never-holds`: no facts at all make the formula true.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Machine, Row, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0303"),
    name: "formula-never-holds",
    severity: Severity::Error,
    explain: "The formula contradicts itself, as `ready and not ready` does, so the row is dead text; or one side of \
              an `or` does, which is a row of its own. Decided over all values of the facts. Often an `and` should have been an `or`, or parentheses are missing: `and` \
              binds closer than `or`, and `not` closer than both. Never to be silenced: correct the formula, or remove the row.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    for row in machine.rows.iter().filter(|row| row.cubes.is_empty()) {
        let message = if row.case == row.when {
            format!("formula `{}` can never hold", row.when)
        } else {
            format!("case `{}` of formula `{}` can never hold", row.case, row.when)
        };
        let finding = Finding::error(CHECK.code, row.when_span, message, "contradicts itself");
        out.push(finding.with_help(match only_way_of(machine, row) {
            Some(state) => format!("correct the formula: no other transition leaves `{}`", machine.state(state).name),
            None => "correct the formula, or remove the row".to_owned(),
        }));
    }
}

/// A state that only the row would leave, if its formula held.
fn only_way_of(machine: &Machine, row: &Row) -> Option<StateId> {
    let leaves =
        |other: &Row, state: StateId| !other.cubes.is_empty() && other.to != state && other.from.contains(&state);
    row.from.iter().copied().find(|state| row.to != *state && !machine.rows.iter().any(|other| leaves(other, *state)))
}
