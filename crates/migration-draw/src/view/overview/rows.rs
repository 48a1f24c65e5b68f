//! Which rows of a machine count: those that some run takes, as exactly as that can be computed.

use std::collections::BTreeSet;

use migration_contract::public::{Taken, taken};
use migration_table::bdd::TooLarge;

use migration_table::explore::{Reached, Space};
use migration_table::model::{Machine, StateId, Table};

/// The rows that some run takes, and what is to be said if that is not exactly what clients see.
pub(super) fn counting(table: &Table, machine: &Machine) -> (Taken, Option<String>) {
    let too_large = match taken(table, machine) {
        Ok(taken) => return (taken, None),
        Err(too_large) => too_large,
    };
    // Sets of configurations need not be listed one by one; but a setting that lasts is not known there.
    match explored(machine) {
        Ok(taken) => {
            (taken, Some(format!("{too_large}; what may happen only if settings change meanwhile is shown too")))
        }
        Err(TooLarge) => (everything(machine), Some(format!("{too_large}; every public row of it is shown"))),
    }
}

/// The rows that some run takes, if settings may change while it lasts.
pub(super) fn explored(machine: &Machine) -> Result<Taken, TooLarge> {
    let mut space = Space::new(machine)?;
    let reached = space.explore()?;
    let states: BTreeSet<StateId> =
        machine.state_ids().filter(|state| *state == machine.initial || !reached.arrived(*state).is_never()).collect();
    let waits = states.iter().copied().filter(|state| !reached.rested(*state).is_never()).collect();
    let mut cases = BTreeSet::new();
    for state in &states {
        for (row, case) in fired(&mut space, &reached, *state)? {
            cases.insert((*state, row, case));
        }
    }
    Ok(Taken { states, waits, cases })
}

/// The rows that fire in a state, and the cases in which they do.
fn fired(space: &mut Space<'_>, reached: &Reached, state: StateId) -> Result<Vec<(usize, usize)>, TooLarge> {
    let asked = space.machine.open_guards();
    let mut found = Vec::new();
    for step in space.place_of(state).moves.clone() {
        for (at, cube) in space.row(&step).cubes.iter().enumerate() {
            let case = space.diagrams.case(*cube)?;
            let wins = space.diagrams.and(step.wins, case)?;
            let fires = space.diagrams.exists(wins, asked)?;
            if !space.diagrams.and(reached.arrived(state), fires)?.is_never() {
                found.push((step.row, at));
            }
        }
    }
    Ok(found)
}

/// What is supposed of a machine of which nothing can be computed.
fn everything(machine: &Machine) -> Taken {
    let states: BTreeSet<StateId> = machine.state_ids().collect();
    let rows = machine.rows.iter().enumerate();
    let cases = rows.flat_map(|(at, row)| {
        row.from.iter().flat_map(move |from| (0..row.cubes.len()).map(move |case| (*from, at, case)))
    });
    Taken { waits: states.clone(), states, cases: cases.collect() }
}
