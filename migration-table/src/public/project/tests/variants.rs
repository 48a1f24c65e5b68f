//! Machines that differ in nothing that a client can see, and random machines made to have a public side.

use std::collections::BTreeSet;

use crate::check::brute::machines::{Dice, renumber};
use crate::model::{Admission, FactId, FactKind, Machine, Parameter, Row, StateId, Timeout};

/// The machine with some guards decided by settings, some waits with a time limit, some commands that must pass
/// something, and some classes of errors. No trigger is answered twice in a state.
pub(super) fn with_public_side(dice: &mut Dice, mut machine: Machine) -> Machine {
    let name = machine.fact(FactId(4)).name.clone();
    for index in [4, 5] {
        let FactKind::Guard { capability, parameter, .. } = &mut machine.facts[index].kind else { panic!("a guard") };
        match dice.below(5) {
            0 => *capability = Some("one".to_owned()),
            1 => *capability = Some("two".to_owned()),
            2 => *parameter = Some(Parameter { name: "mode".to_owned(), is: Some("fast".to_owned()) }),
            _ => {}
        }
    }
    for index in [0, 1] {
        let FactKind::Trigger { admission, with, .. } = &mut machine.facts[index].kind else { panic!("a trigger") };
        *admission = match dice.below(6) {
            0 => Admission { veto: Some("bad".to_owned()), ..Admission::default() },
            1 => Admission { needs: vec![name.clone()], ..Admission::default() },
            2 => Admission { expects: Some("state".to_owned()), ..Admission::default() },
            _ => Admission::default(),
        };
        if dice.below(2) == 0 {
            with.extend([("resume".to_owned(), "true".to_owned()), ("again".to_owned(), "1".to_owned())]);
        }
    }
    for state in &mut machine.states {
        state.timeout = (dice.below(3) == 0).then_some(Timeout { event: FactId(2), after_ms: 1000 });
    }
    let mut answered = BTreeSet::new();
    for answer in &mut machine.answers {
        answer.class = (dice.below(3) == 0).then(|| "DeviceNotActive".to_owned());
        answer.states.retain(|state| answered.insert((answer.trigger, *state)));
    }
    machine.answers.retain(|answer| !answer.states.is_empty());
    machine
}

/// Variants that no client can tell from the machine.
pub(super) fn all(dice: &mut Dice, machine: &Machine) -> Vec<(&'static str, Machine)> {
    vec![
        ("rows in another order", reordered(dice, machine)),
        ("states renamed and in another order", renamed(dice, machine)),
        ("a state twice", twice(dice, machine)),
        ("each row for one state", flat(machine)),
    ]
}

fn reordered(dice: &mut Dice, machine: &Machine) -> Machine {
    let mut machine = machine.clone();
    dice.shuffle(&mut machine.rows);
    dice.shuffle(&mut machine.answers);
    renumber(&mut machine);
    machine
}

fn renamed(dice: &mut Dice, machine: &Machine) -> Machine {
    let mut places: Vec<u16> = machine.state_ids().map(|id| id.0).collect();
    dice.shuffle(&mut places);
    let there = |id: StateId| StateId(places[id.index()]);
    let mut renamed = machine.clone();
    for (index, state) in machine.states.iter().enumerate() {
        let name = format!("other{index}");
        renamed.states[usize::from(places[index])] = crate::model::State { name, ..state.clone() };
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
fn twice(dice: &mut Dice, machine: &Machine) -> Machine {
    let mut machine = flat(machine);
    let one = StateId(u16::try_from(dice.below(machine.states.len())).unwrap());
    let other = StateId(u16::try_from(machine.states.len()).unwrap());
    let copy = crate::model::State { name: "copy".to_owned(), ..machine.state(one).clone() };
    machine.states.push(copy);
    for row in &mut machine.rows {
        if row.from.contains(&one) {
            row.from.push(other);
        }
        if row.to == one && dice.below(2) == 0 {
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
