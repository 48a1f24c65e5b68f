//! A part of a machine, and the states just outside it.
//!
//! A phase is a declared group or a kind. Tables that are too large for one picture are drawn in phases of their own:
//! stretches of the happy path, each with what is only reached from there.

use std::collections::BTreeSet;

use super::super::figure::Mark;
use super::super::plan::States;
use super::super::subject::Subject;
use super::part::part;
use migration_table::model::{Kind, Machine, Row, StateId, Table};
use migration_table::search::BreadthFirst;

/// States that a phase of a large machine has, about.
const STATES: usize = 10;

/// A part of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Its name: `phase-1`, `phase-2`, ...
    pub name: String,
    /// Its states, sorted.
    pub states: Vec<StateId>,
}

/// The phases of a machine along its happy path. Every state is in exactly one.
#[must_use]
pub fn phases(machine: &Machine) -> Vec<Phase> {
    // Breadth first from the path, so that what hangs on one stretch of it stays together.
    let starts = machine.happy_path.iter().copied().chain([machine.initial]).chain(machine.state_ids());
    let on_path: BTreeSet<StateId> = machine.happy_path.iter().copied().collect();
    let mut search = BreadthFirst::new([]);
    for start in starts {
        search.start(start);
        while let Some((number, state)) = search.next_node() {
            let next = machine.rows.iter().filter(|row| row.from.contains(&state)).map(|row| row.to);
            let next: BTreeSet<StateId> = next.filter(|to| !on_path.contains(to)).collect();
            for to in next {
                search.reach(number, (), to);
            }
        }
    }
    let order = search.nodes();
    let parts = order.len().div_ceil(STATES).max(1);
    let size = order.len().div_ceil(parts).max(1);
    let phase = |(at, states): (usize, &[StateId])| {
        let mut states = states.to_vec();
        states.sort_unstable();
        Phase { name: format!("phase-{}", at + 1), states }
    };
    order.chunks(size).enumerate().map(phase).collect()
}

/// The names of everything that can be looked at as a phase.
pub(super) fn names(machine: &Machine) -> Vec<String> {
    let groups = machine.groups.iter().map(|group| group.name.clone());
    let kinds = Kind::ALL.iter().map(|kind| kind.name().to_owned());
    groups.chain(kinds).chain(phases(machine).into_iter().map(|phase| phase.name)).collect()
}

/// The phase of that name, if the machine has it and it has states.
pub(super) fn subject<'t>(table: &'t Table, machine: &Machine, name: &str) -> Option<Subject<'t>> {
    let (within, is_stretch) = states(machine, name)?;
    // Attempts end from everywhere. How they do in another stretch is shown there.
    let ends_elsewhere =
        |row: &Row, from: StateId| is_stretch && machine.state(row.to).kind == Kind::Idle && !within.contains(&from);
    let mut states = within.clone();
    for row in &machine.rows {
        let leaves = row.from.iter().any(|state| within.contains(state));
        if leaves {
            states.insert(row.to);
        }
        if within.contains(&row.to) {
            states.extend(row.from.iter().copied().filter(|from| !ends_elsewhere(row, *from)));
        }
    }
    let touches = |row: &Row, from: StateId| {
        let inside = row.from.iter().filter(|state| within.contains(state)).count();
        let is_here = row.from.iter().all(|state| states.contains(state));
        // A row that leaves mostly the phase, and else what is here, is shown whole: so it is one arrow from a frame.
        let enters = within.contains(&row.to) && !ends_elsewhere(row, from);
        within.contains(&from) || enters || (is_here && 2 * inside > row.from.len())
    };
    let mut subject = part(table, machine, &states, &touches);
    for (at, state) in states.iter().enumerate() {
        if !within.contains(state) {
            subject.states[at].mark = Mark::Muted;
        }
    }
    Some(subject)
}

/// The states of the phase of that name, and whether it is a stretch of the happy path.
fn states(machine: &Machine, name: &str) -> Option<(States, bool)> {
    let group = machine.groups.iter().find(|group| group.name == name).map(|group| group.states.clone());
    let of_kind = || {
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name)?;
        Some(machine.state_ids().filter(|id| machine.state(*id).kind == kind).collect())
    };
    let of_path = || phases(machine).into_iter().find(|phase| phase.name == name).map(|phase| phase.states);
    let declared = group.or_else(of_kind);
    let is_stretch = declared.is_none();
    let states: States = declared.or_else(of_path)?.into_iter().collect();
    (!states.is_empty()).then_some((states, is_stretch))
}
