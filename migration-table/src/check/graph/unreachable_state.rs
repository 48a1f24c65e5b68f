//! T0301 `unreachable-state`: no chain of facts leads from the initial state to this one.

use super::super::{Check, Run, Subject, components, wording};
use crate::bdd::TooLarge;
use crate::finding::{Code, Finding, Findings};
use crate::model::{Row, StateId};

pub(super) const CHECK: Check = Check {
    code: Code("T0301"),
    name: "unreachable-state",
    explain: "No run of the machine enters this state: no row leads to it, or the rows that do can never fire where \
              they stand. Either it is dead text, or a transition is missing or wrong. Decided over everything that \
              can happen, pending triggers and fixed guards among it. States that are reached only from an \
              unreachable one are named in the note and not reported again. A state kept for later belongs in a later \
              commit: not to be silenced.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let machine = subject.machine;
    let lost: Vec<StateId> = machine.state_ids().filter(|state| !subject.reached.is_reached(*state)).collect();
    let leading_to = |state: StateId| -> Vec<&Row> { machine.rows.iter().filter(|row| row.to == state).collect() };
    let before = |state: StateId| leading_to(state).into_iter().flat_map(|row| row.from.iter().copied()).collect();
    for group in components::ends(&lost, before) {
        let first = group[0];
        let state = machine.state(first);
        let message = format!("no run of machine `{}` enters state `{}`", machine.name, state.name);
        let rows = leading_to(first);
        let label = if rows.is_empty() { "no transition leads here" } else { "never entered" };
        let mut finding = Finding::error(CHECK.code, state.span, message, label);
        for row in rows.iter().filter(|row| row.from.iter().any(|from| !group.contains(from))) {
            finding = finding.with_place(row.span, "this transition leads there, but never fires");
        }
        let behind: Vec<StateId> = followers(&lost, first, subject);
        if !behind.is_empty() {
            finding = finding.with_note(format!("so {} cannot be entered either", wording::states(machine, &behind)));
        }
        out.push(finding.with_help("add a transition that leads here, or remove the state"));
    }
    Ok(())
}

/// The other lost states to which rows lead from here.
fn followers(lost: &[StateId], first: StateId, subject: &Subject<'_>) -> Vec<StateId> {
    let (mut found, mut todo) = (vec![first], vec![first]);
    while let Some(state) = todo.pop() {
        for step in subject.moves(state) {
            let to = subject.space.row(&step).to;
            if lost.binary_search(&to).is_ok() && !found.contains(&to) {
                found.push(to);
                todo.push(to);
            }
        }
    }
    found.retain(|state| *state != first);
    found.sort_unstable();
    found
}
