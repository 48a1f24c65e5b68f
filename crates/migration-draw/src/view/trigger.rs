//! Where a trigger is accepted, ignored and refused.

use super::super::figure::Mark;
use super::super::label;
use super::super::subject::Subject;
use migration_table::model::{Answer, FactId, FactSet, Machine, StateId, Table};
use migration_table::step::{accepting, answer, needs};

/// The names of the triggers of a machine.
pub(super) fn names(machine: &Machine) -> Vec<String> {
    machine.facts.iter().filter(|fact| fact.is_trigger()).map(|fact| fact.name.clone()).collect()
}

/// The machine with its answers to the trigger of that name, if it has one.
pub(super) fn subject<'t>(table: &'t Table, machine: &'t Machine, name: &str) -> Option<Subject<'t>> {
    let trigger = machine.fact_id(name).filter(|id| machine.fact(*id).is_trigger())?;
    let mut subject = Subject::whole(table, machine);
    for state in machine.state_ids() {
        let shade = &mut subject.states[state.index()];
        let (mark, note) = said(machine, state, trigger);
        shade.mark = mark;
        shade.notes.push(note);
    }
    for (row, line) in machine.rows.iter().zip(&mut subject.rows) {
        line.mark = if row.mentions.contains(trigger) { Mark::Highlighted } else { Mark::Muted };
    }
    Some(subject)
}

/// What is said to the trigger in a state, and that in a sentence. It is accepted where some choice of the guards
/// that are fixed makes it so.
fn said(machine: &Machine, state: StateId, trigger: FactId) -> (Mark, String) {
    let name = &machine.fact(trigger).name;
    if !accepting(machine, state, trigger).is_empty() {
        let rows = machine.rows.iter().filter(|row| row.from.contains(&state) && needs(row, trigger));
        let mut cases: Vec<String> = rows.map(|row| label::condition(machine, row)).collect();
        cases.sort();
        cases.dedup();
        return (Mark::Accepted, format!("{name} is accepted: {}", cases.join(" or ")));
    }
    match answer(machine, state, trigger, FactSet::EMPTY) {
        Answer::Accept => (Mark::Accepted, format!("{name} is accepted")),
        Answer::Handle => (Mark::Accepted, format!("{name} is handled, and the state stays")),
        Answer::Ignore => (Mark::Ignored, format!("{name} is ignored")),
        Answer::Refuse(because) if because.is_empty() => (Mark::Refused, format!("{name} is refused")),
        Answer::Refuse(because) => (Mark::Refused, format!("{name} is refused: {because}")),
    }
}
