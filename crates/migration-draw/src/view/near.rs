//! A state and what is around it: the rows that enter it, and those that leave it.

use super::super::figure::Mark;
use super::super::plan::{Attempts, States};
use super::super::subject::Subject;
use super::part::part;
use migration_table::model::{Machine, Row, StateId, Table};

/// The neighbourhood of the state of that name, if the machine has it.
pub(super) fn subject<'t>(table: &'t Table, machine: &Machine, name: &str) -> Option<Subject<'t>> {
    let state = machine.state_id(name)?;
    let mut states = States::from([state]);
    for row in &machine.rows {
        if row.to == state {
            states.extend(row.from.iter().copied());
        }
        if row.from.contains(&state) {
            states.insert(row.to);
        }
    }
    let mut subject = part(table, machine, &states, &|row: &Row, from: StateId| from == state || row.to == state);
    let at = states.iter().position(|other| *other == state)?;
    subject.states[at].mark = Mark::Highlighted;
    subject.attempts = Attempts::ToStates;
    Some(subject)
}
