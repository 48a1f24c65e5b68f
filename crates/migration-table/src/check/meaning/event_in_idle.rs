//! T0415 `event-in-idle`: a row waits for evidence where nobody works.

use std::collections::BTreeSet;

use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{FactId, FactKind, FactSet, Kind, Machine, Row, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0415"),
    name: "event-in-idle",
    severity: Severity::Error,
    explain: "Events are reported by the work of a state, and messages are received by it. Nothing works in an idle \
              state, and what is reported late is stale, so such an event is never there. Only triggers, guards and \
              events that something outside reports, with `outside: true`, can decide there. Often a group was named \
              that contains an idle state. Never to be silenced.",
    run: Run::Machine(run),
};

/// How many rows are shown besides the first.
const SHOWN_MAX: usize = 4;

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    let is_idle = |id: &StateId| machine.state(*id).kind == Kind::Idle;
    let mut rows: Vec<&Row> =
        machine.rows.iter().filter(|row| row.from.iter().any(|from| waits_in_idle(machine, row, *from))).collect();
    rows.sort_by_key(|row| row.when_span);
    // All cases of a formula count; the line is shown once.
    let events = FactSet::union(rows.iter().map(|row| awaited(machine, row)));
    let needs_flag =
        |row: &&&Row| !row.public && row.from.iter().any(|from| is_idle(from) && shows_anew(machine, row, *from));
    let silent = rows.iter().filter(needs_flag).map(|row| row.span).collect::<BTreeSet<_>>().len();
    rows.dedup_by_key(|row| row.when_span);
    let Some((first, others)) = rows.split_first() else { return };
    let idle: BTreeSet<StateId> = rows.iter().flat_map(|row| row.from.iter().copied()).filter(is_idle).collect();
    let idle: Vec<StateId> = idle.into_iter().collect();
    let what = wording::plural(idle.len(), "idle state", "idle states");
    let rows = wording::plural(1 + others.len(), "transition waits", "transitions wait");
    let (names, states) = (wording::facts(machine, events), wording::states(machine, &idle));
    let message = format!("{rows} for {names} in {what} {states}");
    let mut finding = Finding::error(CHECK.code, first.when_span, message, "never there where nothing works");
    for row in others.iter().take(SHOWN_MAX) {
        finding = finding.with_place(row.when_span, "nor here");
    }
    let is_message = |id: FactId| matches!(machine.fact(id).kind, FactKind::Message(_));
    let waits = |row: &Row, from: StateId| waits_in_idle(machine, row, from);
    let leave_out = "leave the idle state out of `from:`, or let a trigger lead to a state that awaits it";
    let work: Vec<FactId> = events.iter().filter(|id| !is_message(*id)).collect();
    // A message comes from a machine of the table, and an idle state hears none.
    // Where the event alone does not lead on, it would be reported and start nothing.
    let leads_on = |from: StateId| {
        let mut rows = machine.rows.iter().filter(|row| row.from.contains(&from));
        rows.all(|row| row.cubes.iter().all(|case| (case.set | case.clear).iter().count() == 1) || !waits(row, from))
    };
    let may_come = idle.iter().all(|state| leads_on(*state));
    out.push(finding.with_help(if events.iter().any(is_message) || !may_come {
        leave_out.to_owned()
    } else {
        let what = wording::plural(work.len(), "the event", "each of these events");
        let flag = match silent {
            0 => String::new(),
            many => format!(" and `public: true` at {}", wording::plural(many, "the transition", "each transition")),
        };
        format!("{leave_out}; if something outside the work reports it, say `outside: true` at {what}{flag}")
    }));
}

/// The events of a row that only work reports.
fn awaited(machine: &Machine, row: &Row) -> FactSet {
    row.mentions & (machine.events() - machine.outside_events())
}

/// Whether a row waits in a state for what is never there, because the state is idle.
pub(super) fn waits_in_idle(machine: &Machine, row: &Row, from: StateId) -> bool {
    machine.state(from).kind == Kind::Idle && !awaited(machine, row).is_empty()
}

/// Whether a row would change the status if it left this state.
pub(super) fn shows_anew(machine: &Machine, row: &Row, from: StateId) -> bool {
    machine.state(from).shows != machine.state(row.to).shows
}
