//! Which rows of a machine were taken, and how often.

use std::collections::{BTreeMap, BTreeSet};

use super::super::figure::{Mark, Number};
use super::super::subject::{Marking, Subject};
use super::run::Trace;
use migration_table::model::{Machine, StateId, Table};

/// Most rows that a note lists: all of them are also seen in the picture.
const LISTED_MAX: usize = 12;

/// The machine with its rows marked. Notes name what is not taken.
pub(super) fn subject<'t>(
    table: &'t Table,
    machine: &'t Machine,
    taken: &Trace<'_>,
    notes: &mut Vec<String>,
) -> Subject<'t> {
    let mut fired: BTreeMap<(usize, StateId), Vec<Number>> = BTreeMap::new();
    let mut entered: BTreeMap<StateId, Vec<Number>> = BTreeMap::new();
    for step in taken.steps.iter().filter(|step| step.machine == machine.name) {
        fired.entry((step.row, step.from)).or_default().push(step.once());
        entered.entry(machine.rows[step.row].to).or_default().push(step.once());
    }
    let mut subject = Subject::whole(table, machine);
    subject.marking = Marking::Apart;
    let mut not_taken = Vec::new();
    for (number, (row, line)) in machine.rows.iter().zip(&mut subject.rows).enumerate() {
        let times = |state: &StateId| fired.get(&(number, *state));
        let missing: BTreeSet<StateId> = row.from.iter().copied().filter(|state| times(state).is_none()).collect();
        line.passed_by = Some(Mark::Muted);
        line.mark = match missing.len() {
            0 => Mark::Highlighted,
            many if many == row.from.len() => Mark::Muted,
            _ => Mark::Plain,
        };
        for state in &row.from {
            let times = times(state).into_iter().flatten().copied();
            line.taken.extend(Number::together(times).into_iter().map(|times| (*state, times)));
        }
        if !missing.is_empty() {
            not_taken.push(format!("`{}` from {}", row.when, names(machine, &missing)));
        }
    }
    for (state, shade) in machine.state_ids().zip(&mut subject.states) {
        let times = entered.get(&state).into_iter().flatten().copied();
        shade.steps = Number::together(times);
        let is_left = fired.keys().any(|(_, from)| *from == state);
        let is_seen = state == machine.initial || is_left || !shade.steps.is_empty();
        shade.mark = if is_seen { Mark::Highlighted } else { Mark::Muted };
    }
    notes.extend(nothing_takes(machine, &not_taken));
    let (some, all) = (fired.len(), machine.rows.iter().map(|row| row.from.len()).sum::<usize>());
    notes.push(format!("{}: {some} of {all} rows are taken, counted from each state that they leave", machine.name));
    subject
}

/// The rows that are not taken, each with the states from which it is not, in a sentence.
fn nothing_takes(machine: &Machine, not_taken: &[String]) -> Option<String> {
    let listed = &not_taken[..not_taken.len().min(LISTED_MAX)];
    let more = match not_taken.len() - listed.len() {
        0 => String::new(),
        many => format!(", and {many} rows more"),
    };
    (!listed.is_empty()).then(|| format!("{}: nothing takes {}{more}", machine.name, listed.join(", nor ")))
}

fn names(machine: &Machine, states: &BTreeSet<StateId>) -> String {
    let names: Vec<String> = states.iter().map(|state| format!("`{}`", machine.state(*state).name)).collect();
    names.join(", ")
}
