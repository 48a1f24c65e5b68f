//! A run of the machine, highlighted: its rows numbered in their order.

use super::super::figure::{ARROWS_MAX, Mark};
use super::super::panel::panel;
use super::super::plan::States;
use super::super::subject::Subject;
use super::part::{part, rows};
use super::run::{Step, Trace};
use migration_table::model::{Machine, Row, StateId, Table};

/// The machines among these that took steps, or all if none did; each with what must be said of it.
pub(super) fn subjects<'t>(
    table: &'t Table,
    machines: &[&'t Machine],
    trace: &Trace<'_>,
) -> Vec<(Subject<'t>, Option<String>)> {
    let went = |machine: &&&Machine| trace.steps.iter().any(|step| step.machine == machine.name);
    let gone: Vec<&Machine> = machines.iter().filter(went).copied().collect();
    let shown = if gone.is_empty() { machines.to_vec() } else { gone };
    shown.into_iter().map(|machine| subject(table, machine, trace)).collect()
}

/// The machine with the steps that it took, and the states around them where all of it can be read.
fn subject<'t>(table: &'t Table, machine: &'t Machine, trace: &Trace<'_>) -> (Subject<'t>, Option<String>) {
    let whole = Subject::whole(table, machine);
    let many = panel(&whole).arrows.len();
    let own: Vec<(usize, &Step<'_>)> =
        trace.steps.iter().enumerate().filter(|(_, step)| step.machine == machine.name).collect();
    let ends = trace.ends.iter().filter(|(name, _)| *name == machine.name).map(|(_, state)| *state);
    let ends: Vec<StateId> = ends.collect();
    let mut seen: States = own.iter().flat_map(|(_, step)| [step.from, machine.rows[step.row].to]).collect();
    seen.extend(&ends);
    if seen.is_empty() {
        seen.insert(machine.initial);
    }
    let is_large = many > ARROWS_MAX;
    let everything = |_: &Row, _: StateId| true;
    let (states, kept, mut subject) = if is_large {
        (seen.clone(), rows(machine, &seen, &everything), part(table, machine, &seen, &everything))
    } else {
        (machine.state_ids().collect(), (0..machine.rows.len()).collect(), whole)
    };
    let place = |state: StateId| states.iter().position(|other| *other == state);
    subject.rows.iter_mut().for_each(|line| line.mark = Mark::Muted);
    for (at, state) in states.iter().enumerate() {
        subject.states[at].mark = if seen.contains(state) { Mark::Highlighted } else { Mark::Muted };
    }
    for (at, step) in own {
        let number = step.number(at);
        let to = machine.rows[step.row].to;
        if let (Some(row), Some(from)) = (kept.iter().position(|row| *row == step.row), place(step.from)) {
            let line = &mut subject.rows[row];
            line.mark = Mark::Highlighted;
            line.taken.push((subject.nodes[from].state, number));
        }
        if let Some(to) = place(to) {
            subject.states[to].steps.push(number);
        }
    }
    for end in ends.iter().filter_map(|state| place(*state)) {
        subject.states[end].end_here();
    }
    let note = is_large.then(|| {
        format!("of the {} only states that the run goes through are shown: the whole has {many} arrows", machine.name)
    });
    (subject, note)
}
