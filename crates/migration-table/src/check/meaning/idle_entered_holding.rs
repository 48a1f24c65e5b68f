//! T0408 `idle-entered-holding`: an attempt ends, and what it held is still there.

use crate::check::definition::{Check, Run};
use crate::check::{ways, wording};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Row, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0408"),
    name: "idle-entered-holding",
    severity: Severity::Error,
    explain: "A transition leads from a state that holds something straight into an idle state. A client would be \
              told that the attempt is over while its sockets and logs are still there, and the next attempt would \
              meet them. Only a `cleanup` state, or one that holds nothing, may be followed by an idle one. Never to \
              be silenced.",
    run: Run::Machine(run),
};

/// How many rows are shown besides the first, and how many states.
const SHOWN_MAX: usize = 12;

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    let ends = machine.rows.iter().filter(|row| machine.state(row.to).kind == Kind::Idle);
    let ends = ends.map(|row| (row, ways::holding(machine, row))).filter(|(_, from)| !from.is_empty());
    let mut ends: Vec<(&Row, Vec<StateId>)> = ends.collect();
    ends.sort_by_key(|(row, _)| row.to_span);
    // The cases of one line are rows with one place.
    ends.dedup_by_key(|(row, _)| row.to_span);
    let Some(((first, _), others)) = ends.split_first() else { return };
    let mut from: Vec<StateId> = ends.iter().flat_map(|(_, from)| from.iter().copied()).collect();
    let mut to: Vec<StateId> = ends.iter().map(|(row, _)| row.to).collect();
    for states in [&mut from, &mut to] {
        states.sort_unstable();
        states.dedup();
    }
    let what = wording::plural(to.len(), "idle state", "idle states");
    let is = wording::plural(to.len(), "is", "are");
    let (to, names) = (wording::states(machine, &to), wording::states(machine, &from));
    let message = format!("{what} {to} {is} entered from {names} before anything is released");
    let mut finding = Finding::error(CHECK.code, first.to_span, message, "ends the attempt");
    for (row, _) in others.iter().take(SHOWN_MAX) {
        finding = finding.with_place(row.to_span, "ends it too");
    }
    for state in from.iter().map(|id| machine.state(*id)).take(SHOWN_MAX) {
        let held: Vec<&str> = state.holds.iter().map(|id| table.resources[id.index()].name.as_str()).collect();
        finding = finding.with_place(state.span, format!("holds {}", wording::list(&held)));
    }
    out.push(finding.with_help("go to a `cleanup` state first, and from there on when everything is released"));
}
