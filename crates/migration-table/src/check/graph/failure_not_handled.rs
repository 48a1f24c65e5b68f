//! T0308 `failure-not-handled`: work that may fail, and no way to say so.

use crate::check::definition::{Check, Run};
use crate::check::ways;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Row, State, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0308"),
    name: "failure-not-handled",
    severity: Severity::Warning,
    explain: "Something is done in this state, or awaited from the peer, and none of its rows hears of a failure, \
              which is an event that carries a cause. Whoever writes the work has no event to report when it fails, \
              so it will report one that is not true, or wait for ever. Asked of states of kind `work`, and of those \
              of kind `wait` that an event leads out of; not of `cleanup`, which must succeed, and only in a machine \
              that knows of failures other than timeouts. Silence it where the work cannot fail.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    let is_timeout = |id| machine.states.iter().filter_map(|state| state.timeout).any(|timeout| timeout.event == id);
    let failures: Vec<_> = machine.fact_ids().filter(|id| ways::is_failure(machine.fact(*id))).collect();
    if failures.iter().all(|id| is_timeout(*id)) {
        return;
    }
    for (state, rows) in machine.states.iter().zip(ways::by_state(machine)) {
        let hears = |row: &&Row| failures.iter().any(|failure| ways::hears(row, *failure));
        if !may_fail(machine, state, &rows) || rows.iter().any(hears) {
            continue;
        }
        let message = format!("no transition leaves `{}` when something fails", state.name);
        let label = match state.kind {
            Kind::Work => "its work cannot report a failure",
            Kind::Wait | Kind::Cleanup | Kind::Idle => "what it waits for may never come",
        };
        let mut names: Vec<&str> = failures.iter().map(|failure| machine.fact(*failure).name.as_str()).collect();
        names.sort_unstable();
        let finding = Finding::warning(CHECK.code, state.span, message, label);
        out.push(finding.with_help(format!(
            "add a transition from `{}` that needs `{}`",
            state.name,
            names.join("` or `")
        )));
    }
}

fn may_fail(machine: &Machine, state: &State, rows: &[&Row]) -> bool {
    let events = machine.events();
    let awaits = |row: &&Row| row.cubes.iter().any(|cube| cube.set.intersects(events));
    match state.kind {
        Kind::Work => !rows.is_empty(),
        Kind::Wait => rows.iter().any(awaits),
        Kind::Idle | Kind::Cleanup => false,
    }
}
