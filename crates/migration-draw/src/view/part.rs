//! A part of a machine as a machine: some of its states, and some of what leads from one to another.

use std::borrow::Cow;

use super::super::plan::States;
use super::super::subject::Subject;
use migration_table::model::{Group, Machine, Row, StateId, Table};

/// The part of a machine that has these states, and of its rows what leads from one to another and is wanted.
pub(super) fn part<'t>(
    table: &'t Table,
    machine: &Machine,
    states: &States,
    is_wanted: &dyn Fn(&Row, StateId) -> bool,
) -> Subject<'t> {
    let place = |state: &StateId| states.iter().position(|other| other == state).and_then(|at| u16::try_from(at).ok());
    let mapped = |list: &[StateId]| -> Vec<StateId> { list.iter().filter_map(place).map(StateId).collect() };
    let row = |at: usize| {
        let row = &machine.rows[at];
        let to = place(&row.to).map(StateId)?;
        let from: Vec<StateId> = row.from.iter().copied().filter(|state| is_wanted(row, *state)).collect();
        Some(Row { from: mapped(&from), to, ..row.clone() })
    };
    let is_drawn = |from: StateId, to: StateId| {
        let leads = |row: &&Row| row.to == to && row.from.contains(&from);
        let is_in = states.contains(&from) && states.contains(&to);
        is_in && machine.rows.iter().filter(leads).any(|row| is_wanted(row, from))
    };
    let whole = |group: &&Group| group.states.iter().all(|state| states.contains(state));
    let path = longest_stretch(&machine.happy_path, is_drawn);
    // What is left out of the path may be what leads back.
    let is_whole =
        path == machine.happy_path && machine.path_steps().last().is_some_and(|(from, to)| is_drawn(from, to));
    let part = Machine {
        states: states.iter().map(|state| machine.state(*state).clone()).collect(),
        initial: place(&machine.initial).map_or(StateId(0), StateId),
        groups: machine.groups.iter().filter(whole).map(|g| Group { states: mapped(&g.states), ..g.clone() }).collect(),
        rows: rows(machine, states, is_wanted).into_iter().filter_map(row).collect(),
        answers: Vec::new(),
        happy_path: mapped(&path),
        path_comes_back: machine.path_comes_back && is_whole,
        ..machine.clone()
    };
    let nodes = super::super::plan::nodes(machine);
    let mut subject = Subject::new(Cow::Borrowed(table), Cow::Owned(part));
    subject.is_whole = states.contains(&machine.initial);
    for (at, state) in states.iter().enumerate() {
        let id = subject.nodes[at].state;
        subject.nodes[at] = super::super::plan::Node { state: id, ..nodes[state.index()] };
    }
    subject
}

/// The rows that such a part has, as indices into those of the machine.
pub(super) fn rows(machine: &Machine, states: &States, is_wanted: &dyn Fn(&Row, StateId) -> bool) -> Vec<usize> {
    let is_in = |row: &Row| {
        let mut from = row.from.iter();
        states.contains(&row.to) && from.any(|state| states.contains(state) && is_wanted(row, *state))
    };
    (0..machine.rows.len()).filter(|at| is_in(&machine.rows[*at])).collect()
}

/// The longest stretch of a path of which every step is drawn, the first of equals; none without a step.
fn longest_stretch(path: &[StateId], is_drawn: impl Fn(StateId, StateId) -> bool) -> Vec<StateId> {
    let stretches = path.chunk_by(|from, to| is_drawn(*from, *to)).filter(|stretch| stretch.len() > 1);
    let mut stretches: Vec<&[StateId]> = stretches.collect();
    stretches.reverse();
    stretches.into_iter().max_by_key(|stretch| stretch.len()).unwrap_or_default().to_vec()
}
