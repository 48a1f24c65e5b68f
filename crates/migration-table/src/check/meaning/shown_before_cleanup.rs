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
    for (status, end) in ends {
        let is_early = |state: &&State| state.kind != Kind::Idle && state.shows == status;
        let early: Vec<&State> = machine.states.iter().filter(is_early).collect();
        // What is silenced at one of the states alone is found there alone.
        let is_alone = |state: &&State| {
            let allowances = table.allowances.iter().filter(|it| it.code == CHECK.code.0);
            let mut allowances = allowances.filter(|it| it.covers(state.span));
            allowances.any(|it| !early.iter().all(|other| it.covers(other.span)))
        };
        let (alone, together): (Vec<&State>, Vec<&State>) = early.iter().copied().partition(is_alone);
        for states in alone.into_iter().map(|state| vec![state]).chain([together]) {
            let Some((first, others)) = states.split_first() else { continue };
            let name = &table.statuses[status.index()].name;
            let message = format!("status `{name}` is shown before the attempt is over");
            let label = |state: &State| format!("kind `{}`: not everything is released yet", state.kind.name());
            let finding = Finding::warning(CHECK.code, first.span, message, label(first));
            let finding = others.iter().fold(finding, |finding, state| finding.with_place(state.span, label(state)));
            let finding = finding.with_place(end.span, "the end that clients take it for");
            out.push(finding.with_help("show another status until the idle state is reached"));
        }
    }
}
