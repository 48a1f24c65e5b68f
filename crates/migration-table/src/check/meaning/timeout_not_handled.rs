//! T0418 `timeout-not-handled`: time runs out, and nothing follows.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{FactSet, Kind, Machine, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0418"),
    name: "timeout-not-handled",
    severity: Severity::Error,
    explain: "The state has a `timeout:` or a `timer:`, and no row of it mentions the event that this reports. The state would \
              be left in bounded time by the look of it, and wait for ever in fact. In an idle state nothing works that \
              could report it, so a bound has no place there. Never to be silenced.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    for (state, rows) in machine.states.iter().zip(machine.rows_by_state()) {
        let mentions = FactSet::union(rows.iter().map(|row| row.mentions));
        for (bound, what) in [(state.timeout, "timeout"), (state.timer, "timer")] {
            let Some(bound) = bound.filter(|bound| !mentions.contains(bound.event)) else { continue };
            let event = &machine.fact(bound.event).name;
            if state.kind == Kind::Idle {
                let message = format!("{what} of idle state `{}` never reports `{event}`", state.name);
                let finding = Finding::error(CHECK.code, state.span, message, "nothing works here");
                out.push(finding.with_help(format!("remove `{what}:`")));
                continue;
            }
            let message = format!("{what} of `{}` reports `{event}`, which no row of it mentions", state.name);
            let finding = Finding::error(CHECK.code, state.span, message, "nothing follows when time runs out");
            out.push(finding.with_help(format!("add a transition from `{}` that needs `{event}`", state.name)));
        }
    }
}
