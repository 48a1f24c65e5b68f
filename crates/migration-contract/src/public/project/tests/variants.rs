//! Machines that differ in nothing that a client can see.

use fastrand::Rng;
use migration_table::model::{Machine, Row, StateId};
use migration_table::testing::renumber;

/// Variants that no client can tell from the machine.
pub(super) fn all(dice: &mut Rng, machine: &Machine) -> Vec<(&'static str, Machine)> {
    vec![
        ("rows in another order", reordered(dice, machine)),
        ("states renamed and in another order", renamed(dice, machine)),
        ("a state twice", twice(dice, machine)),
        ("each row for one state", flat(machine)),
    ]
}

fn reordered(dice: &mut Rng, machine: &Machine) -> Machine {
    let mut machine = machine.clone();
    dice.shuffle(&mut machine.rows);
    dice.shuffle(&mut machine.answers);
    renumber(&mut machine);
    machine
}

fn renamed(dice: &mut Rng, machine: &Machine) -> Machine {
    let mut places: Vec<u16> = machine.state_ids().map(|id| id.0).collect();
    dice.shuffle(&mut places);
    let there = |id: StateId| StateId(places[id.index()]);
    let mut renamed = machine.clone();
    for (index, state) in machine.states.iter().enumerate() {
        let name = format!("other{index}");
        renamed.states[usize::from(places[index])] = migration_table::model::State { name, ..state.clone() };
    }
    renamed.initial = there(machine.initial);
    let moved = |states: &mut Vec<StateId>| {
        states.iter_mut().for_each(|state| *state = there(*state));
        states.sort_unstable();
    };
    for row in &mut renamed.rows {
        moved(&mut row.from);
        row.to = there(row.to);
    }
    renamed.answers.iter_mut().for_each(|answer| moved(&mut answer.states));
    renumber(&mut renamed);
    renamed
}

/// One state is there twice, and rows that lead to it lead to either.
fn twice(dice: &mut Rng, machine: &Machine) -> Machine {
    let mut machine = flat(machine);
    let one = StateId(u16::try_from(dice.usize(..machine.states.len())).unwrap());
    let other = StateId(u16::try_from(machine.states.len()).unwrap());
    let copy = migration_table::model::State { name: "copy".to_owned(), ..machine.state(one).clone() };
    machine.states.push(copy);
    for row in &mut machine.rows {
        if row.from.contains(&one) {
            row.from.push(other);
        }
        if row.to == one && dice.usize(..2) == 0 {
            row.to = other;
        }
    }
    for answer in machine.answers.iter_mut().filter(|answer| answer.states.contains(&one)) {
        answer.states.push(other);
    }
    renumber(&mut machine);
    machine
}

fn flat(machine: &Machine) -> Machine {
    let each = |row: &Row| {
        let row = row.clone();
        row.from.clone().into_iter().map(move |from| Row { from: vec![from], ..row.clone() })
    };
    let mut flat = machine.clone();
    flat.rows = machine.rows.iter().flat_map(each).collect();
    renumber(&mut flat);
    flat
}
