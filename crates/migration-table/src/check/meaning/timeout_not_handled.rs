//! T0418 `timeout-not-handled`: time runs out, and nothing follows.

use std::collections::BTreeMap;

use crate::check::definition::{Check, Run};
use crate::check::{widened, wording};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{FactId, FactSet, Kind, Machine, StateId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0418"),
    name: "timeout-not-handled",
    severity: Severity::Error,
    explain: "The state has a `timeout:` or a `timer:`, and no row of it mentions the event that this reports. The state would \
              be left in bounded time by the look of it, and wait for ever in fact. In an idle state nothing works that \
              could report it, so a bound has no place there. Never to be silenced.",
    run: Run::Machine(run),
};

/// How many states are shown besides the first.
const SHOWN_MAX: usize = 4;

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    // By what reports, and by the event: one transition that hears of it was forgotten, often, for several states.
    let mut unheard: BTreeMap<(&str, FactId), Vec<StateId>> = BTreeMap::new();
    for (id, rows) in machine.state_ids().zip(machine.rows_by_state()) {
        let state = machine.state(id);
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
            unheard.entry((what, bound.event)).or_default().push(id);
        }
    }
    for ((what, event), states) in unheard {
        let (names, id, event) = (wording::states(machine, &states), event, &machine.fact(event).name);
        let it = wording::plural(states.len(), "it", "them");
        let [first, others @ ..] = states.as_slice() else { continue };
        let message = format!("{what} of {names} reports `{event}`, which no row of {it} mentions");
        let label = "nothing follows when time runs out";
        let mut finding = Finding::error(CHECK.code, machine.state(*first).span, message, label);
        for state in others.iter().take(SHOWN_MAX) {
            finding = finding.with_place(machine.state(*state).span, "nor here");
        }
        let help = format!("add a transition from {names} that needs `{event}`");
        finding.offers = widened::offers(machine, &states, id.into(), &help);
        out.push(finding.with_help(help));
    }
}
