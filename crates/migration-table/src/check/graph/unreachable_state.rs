//! T0301 `unreachable-state`: no chain of facts leads from the initial state to this one.

use crate::bdd::TooLarge;
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::check::{components, wording};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Row, StateId};
use crate::search;

pub(super) const CHECK: Check = Check {
    code: Code("T0301"),
    name: "unreachable-state",
    severity: Severity::Error,
    explain: "No run of the machine enters this state, because no row leads to it from one that some run enters. \
              Either it is dead text, or a transition is missing. Decided over everything that can happen, pending \
              triggers and fixed guards among it. States that are reached only from an unreachable one are named in \
              the note and not reported again, and neither is a state to which only rows lead that never fire: the \
              rows are reported. A state kept for later belongs in a later commit: not to be silenced.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let machine = subject.machine;
    let lost: Vec<StateId> = machine.state_ids().filter(|state| !subject.reached.is_reached(*state)).collect();
    let mut leading_to: Vec<Vec<&Row>> = vec![Vec::new(); machine.states.len()];
    machine.rows.iter().for_each(|row| leading_to[row.to.index()].push(row));
    let before = |state: StateId| leading_to[state.index()].iter().flat_map(|row| row.from.iter().copied()).collect();
    for group in components::ends(&lost, before) {
        let first = group[0];
        let enters = |row: &&Row| row.from.iter().any(|from| !group.contains(from));
        if group.iter().flat_map(|state| &leading_to[state.index()]).any(enters) {
            continue; // Some run enters the state that it leaves, so it never fires there, and that is reported.
        }
        let state = machine.state(first);
        let message = format!("no run of machine `{}` enters state `{}`", machine.name, state.name);
        let is_alone = leading_to[first.index()].is_empty();
        let label = if is_alone { "no transition leads here" } else { "only unreachable states lead here" };
        let mut finding = Finding::error(CHECK.code, state.span, message, label);
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
    let mut found = search::reachable([first], |state| {
        let targets = subject.moves(*state).into_iter().map(|step| subject.space.row(&step).to);
        targets.filter(|to| lost.binary_search(to).is_ok())
    });
    found.retain(|state| *state != first);
    found.sort_unstable();
    found
}
