//! T0415 `event-in-idle`: a row waits for evidence where nobody works.

use crate::check::definition::{Check, Run};
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0415"),
    name: "event-in-idle",
    severity: Severity::Error,
    explain: "Events are reported by the work of a state, and messages are received by it. Nothing works in an idle \
              state, and what is reported late is stale, so an event is never there. Only triggers and guards can \
              decide there. Often a group was named that contains an idle state. Never to be silenced.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    for row in &machine.rows {
        let is_idle = |id: &StateId| machine.state(*id).kind == Kind::Idle;
        let idle: Vec<StateId> = row.from.iter().copied().filter(is_idle).collect();
        let events = row.mentions & machine.events();
        if idle.is_empty() || events.is_empty() {
            continue;
        }
        let (events, states) = (wording::facts(machine, events), wording::states(machine, &idle));
        let what = wording::plural(idle.len(), "idle state", "idle states");
        let message = format!("transition waits for {events} in {what} {states}");
        let finding = Finding::error(CHECK.code, row.when_span, message, "never there where nothing works");
        out.push(finding.with_help("let a trigger decide, or leave the idle state out of `from:`"));
    }
}
