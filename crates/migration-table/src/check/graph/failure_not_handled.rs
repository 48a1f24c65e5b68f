//! T0308 `failure-not-handled`: work that may fail, and no way to say so.

use crate::check::definition::{Check, Run};
use crate::check::{ways, widened};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, Row, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0308"),
    name: "failure-not-handled",
    severity: Severity::Warning,
    explain: "Something is done in this state, or awaited from the peer, and none of its rows hears of a failure, \
              which is an event that carries a cause. Whoever writes the work has no event to report when it fails, \
              so it will report one that is not true, or wait for ever. Asked of states of kind `work`, and of those \
              of kind `wait` that an event leads out of, unless \
              a trigger leads on as well, a command is handled there or the event has `outside: true`; not of `cleanup`, which must succeed, and only in a machine \
              that knows of failures other than timeouts. Silence it where the work cannot fail.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    let is_timeout = |id| machine.states.iter().flat_map(|state| state.bounds()).any(|bound| bound.event == id);
    let failures: Vec<_> = machine.fact_ids().filter(|id| ways::is_failure(machine.fact(*id))).collect();
    if failures.iter().all(|id| is_timeout(*id)) {
        return;
    }
    for (id, rows) in machine.state_ids().zip(ways::by_state(machine)) {
        let state = machine.state(id);
        let hears = |row: &&Row| failures.iter().any(|failure| ways::hears(row, *failure));
        if !may_fail(machine, id, &rows) || rows.iter().any(hears) {
            continue;
        }
        let message = format!("no transition leaves `{}` when something fails", state.name);
        let label = match state.kind {
            Kind::Work => "its work cannot report a failure",
            Kind::Wait | Kind::Cleanup | Kind::Idle => "what it waits for may never come",
        };
        let mut names: Vec<&str> = failures.iter().map(|failure| machine.fact(*failure).name.as_str()).collect();
        names.sort_unstable();
        let mut finding = Finding::warning(CHECK.code, state.span, message, label);
        let help = format!("add a transition from `{}` that needs `{}`", state.name, names.join("` or `"));
        finding.offers = widened::offers(machine, &[id], failures.iter().copied().collect(), &help);
        out.push(finding.with_help(help));
    }
}

fn may_fail(machine: &Machine, id: StateId, rows: &[&Row]) -> bool {
    let state = machine.state(id);
    let events = machine.events() - machine.outside_events();
    let awaits = |row: &&Row| row.cubes.iter().any(|cube| cube.set.intersects(events));
    // Where a user leads on when they like, nothing is awaited that could fail.
    let rests = |row: &Row| ways::asked_for(machine, row) && ways::leads_on(machine, row, id);
    match state.kind {
        Kind::Work => !rows.is_empty(),
        // A timer runs out whatever happens.
        Kind::Wait if state.timer.is_some() => false,
        Kind::Wait => {
            rows.iter().any(awaits) && !rows.iter().any(|row| rests(row)) && !ways::is_handled_in(machine, id)
        }
        Kind::Idle | Kind::Cleanup => false,
    }
}
