//! T0408 `idle-entered-holding`: an attempt ends, and what it held is still there.

use std::collections::{BTreeMap, BTreeSet};

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
    let entering = machine.rows.iter().filter(|row| machine.state(row.to).kind == Kind::Idle);
    let entering = entering.map(|row| (row, ways::holding(machine, row))).filter(|(_, from)| !from.is_empty());
    let mut ends: BTreeMap<StateId, Vec<(&Row, Vec<StateId>)>> = BTreeMap::new();
    entering.for_each(|(row, from)| ends.entry(row.to).or_default().push((row, from)));
    for (to, mut rows) in ends {
        rows.sort_by_key(|(row, _)| row.to_span);
        // The cases of one line are rows with one place.
        rows.dedup_by_key(|(row, _)| row.to_span);
        out.push(finding(table, machine, to, &rows));
    }
}

/// What is said of all rows that enter one idle state too early.
fn finding(table: &Table, machine: &Machine, to: StateId, rows: &[(&Row, Vec<StateId>)]) -> Finding {
    let from: BTreeSet<StateId> = rows.iter().flat_map(|(_, from)| from.iter().copied()).collect();
    let from: Vec<StateId> = from.into_iter().collect();
    let (to, names) = (&machine.state(to).name, wording::states(machine, &from));
    let message = format!("idle state `{to}` is entered from {names} before anything is released");
    let mut finding = Finding::error(CHECK.code, rows[0].0.to_span, message, "ends the attempt");
    for (row, _) in rows.iter().skip(1).take(SHOWN_MAX) {
        finding = finding.with_place(row.to_span, "ends it too");
    }
    for state in from.iter().map(|id| machine.state(*id)).take(SHOWN_MAX) {
        let held: Vec<&str> = state.holds.iter().map(|id| table.resources[id.index()].name.as_str()).collect();
        finding = finding.with_place(state.span, format!("holds {}", wording::list(&held)));
    }
    finding.with_help("go to a `cleanup` state first, and from there on when everything is released")
}
