//! T0410 `shown-before-cleanup`: clients are told of an end that has not come yet.

use std::collections::BTreeMap;

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Machine, State, StatusId, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0410"),
    name: "shown-before-cleanup",
    severity: Severity::Warning,
    explain: "A state in which something still runs shows a status that an idle state shows too. A client that sees \
              it believes that everything is over, starts another attempt or uses what this one still holds, and meets what is \
              left of this one. The status that only the initial state shows among the idle ones is not the end of \
              anything and not reported. Silence it where the status has been published early for releases, and \
              clients rely on that.",
    run: Run::Machine(run),
};

fn run(table: &Table, machine: &Machine, out: &mut Findings) {
    let mut ends: BTreeMap<StatusId, &State> = BTreeMap::new();
    for id in machine.state_ids().filter(|id| *id != machine.initial) {
        let state = machine.state(id);
        if state.kind == Kind::Idle {
            ends.entry(state.shows).or_insert(state);
        }
    }
    for state in machine.states.iter().filter(|state| state.kind != Kind::Idle) {
        let Some(end) = ends.get(&state.shows) else { continue };
        let status = &table.statuses[state.shows.index()].name;
        let message = format!("status `{status}` is shown before the attempt is over");
        let label = format!("kind `{}`: not everything is released yet", state.kind.name());
        let finding = Finding::warning(CHECK.code, state.span, message, label);
        let finding = finding.with_place(end.span, "the end that clients take it for");
        out.push(finding.with_help("show another status until the idle state is reached"));
    }
}
