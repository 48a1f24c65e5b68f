//! A run of the machine, highlighted: its rows numbered in their order.

use super::super::figure::Mark;
use super::super::subject::Subject;
use super::Step;
use crate::model::{Machine, Table};

/// The machine with the steps that it took. Steps are numbered over all machines.
pub(super) fn subject<'t>(table: &'t Table, machine: &'t Machine, steps: &[Step<'_>]) -> Subject<'t> {
    let mut subject = Subject::whole(table, machine);
    subject.states.iter_mut().for_each(|shade| shade.mark = Mark::Muted);
    subject.rows.iter_mut().for_each(|line| line.mark = Mark::Muted);
    let own = steps.iter().enumerate().filter(|(_, step)| step.machine == machine.name);
    for (at, step) in own {
        let (Some(row), Some(line)) = (machine.rows.get(step.row), subject.rows.get_mut(step.row)) else { continue };
        line.mark = Mark::Highlighted;
        line.taken.push((step.from, at + 1));
        for state in [step.from, row.to] {
            subject.states[state.index()].mark = Mark::Highlighted;
        }
        subject.states[row.to.index()].steps.push(at + 1);
    }
    if subject.states.iter().all(|shade| shade.mark == Mark::Muted) {
        subject.states[machine.initial.index()].mark = Mark::Highlighted;
    }
    subject
}
