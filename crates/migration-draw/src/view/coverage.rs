//! Which rows of a machine were taken.

use std::collections::BTreeSet;

use super::super::figure::Mark;
use super::super::subject::{Marking, Subject};
use super::run::Trace;
use migration_table::model::{Machine, StateId, Table};

/// The machine with its rows marked. What is not taken from all of the states that a row leaves is said in a note.
pub(super) fn subject<'t>(
    table: &'t Table,
    machine: &'t Machine,
    taken: &Trace<'_>,
    notes: &mut Vec<String>,
) -> Subject<'t> {
    let own = taken.steps.iter().filter(|step| step.machine == machine.name);
    let fired: BTreeSet<(usize, StateId)> = own.map(|step| (step.row, step.from)).collect();
    let mut subject = Subject::whole(table, machine);
    subject.marking = Marking::Apart;
    let mut seen: BTreeSet<StateId> = BTreeSet::from([machine.initial]);
    let mut all = 0;
    for (number, row) in machine.rows.iter().enumerate() {
        let missing: Vec<String> = (row.from.iter().filter(|state| !fired.contains(&(number, **state))))
            .map(|state| format!("`{}`", machine.state(*state).name))
            .collect();
        all += row.from.len();
        subject.rows[number].mark = match missing.len() {
            0 => Mark::Highlighted,
            many if many == row.from.len() => Mark::Muted,
            _ => {
                notes.push(format!("{}: `{}` is not taken from {}", machine.name, row.when, missing.join(", ")));
                Mark::Plain
            }
        };
        if missing.len() < row.from.len() {
            seen.insert(row.to);
        }
    }
    for (state, shade) in machine.state_ids().zip(&mut subject.states) {
        shade.mark = if seen.contains(&state) { Mark::Highlighted } else { Mark::Muted };
    }
    notes.push(format!(
        "{}: {} of {all} rows are taken, counted from each state that they leave",
        machine.name,
        fired.len()
    ));
    subject
}
