//! What goes wrong in a machine: which rows are failures, and which states follow from a failure or a cancel.
//!
//! A failure carries a cause; no name of a state or an event says so. A table that gives no event a cause leaves only
//! the happy path to tell what goes wrong: whatever leads off it for good.

use std::collections::BTreeMap;

use migration_table::model::{FactSet, Kind, Machine, Row, StateId};
use migration_table::search;

use super::bundle::States;

/// The facts of a machine that carry a cause.
fn causes(machine: &Machine) -> FactSet {
    machine.fact_ids().filter(|id| machine.fact(*id).carries_cause).collect()
}

/// Whether each case of a row needs one of some facts.
fn always_needs(row: &Row, facts: FactSet) -> bool {
    !row.cubes.is_empty() && row.cubes.iter().all(|cube| !(cube.set & facts).is_empty())
}

/// Whether a row is taken only because something failed.
pub(super) fn is_failure(machine: &Machine, row: &Row) -> bool {
    always_needs(row, causes(machine))
}

/// The states that follow from a failure or a cancel, and from which nothing leads back.
pub(super) fn wrong(machine: &Machine) -> States {
    let causes = causes(machine);
    let fails = |row: &Row| always_needs(row, causes);
    let works = |state: &StateId| machine.state(*state).kind != Kind::Idle;
    if machine.happy_path.is_empty() {
        let sound = reached(machine, &[machine.initial], |row| !fails(row));
        let back = returning(machine, sound.iter().copied().filter(works));
        let all = reached(machine, &[machine.initial], |_| true);
        return all.into_iter().filter(|state| !sound.contains(state) && !back.contains(state)).collect();
    }
    let path: States = machine.happy_path.iter().copied().collect();
    let ends = machine.happy_path.last().copied();
    let back = returning(machine, path.iter().copied().filter(works).chain(ends));
    let is_off = |state: &StateId| !back.contains(state) && !path.contains(state) && *state != machine.initial;
    if !machine.rows.iter().any(fails) {
        return machine.state_ids().filter(is_off).collect();
    }
    let asked = machine.fact_ids().filter(|id| machine.fact(*id).is_trigger()).collect::<FactSet>() | causes;
    let given_up = machine.rows.iter().filter(|row| always_needs(row, asked) && row.from.iter().any(works));
    let starts: Vec<StateId> = given_up.map(|row| row.to).filter(is_off).collect();
    reached(machine, &starts, |row| is_off(&row.to))
}

/// The states from which some states can be reached without an idle state between, which would be a new attempt.
fn returning(machine: &Machine, to: impl Iterator<Item = StateId>) -> States {
    let mut entering: BTreeMap<StateId, Vec<StateId>> = BTreeMap::new();
    for row in &machine.rows {
        let works = row.from.iter().filter(|state| machine.state(**state).kind != Kind::Idle);
        entering.entry(row.to).or_default().extend(works);
    }
    search::reachable(to, |state| entering.get(state).into_iter().flatten().copied()).into_iter().collect()
}

/// The states that are reached from some by some of the rows.
fn reached(machine: &Machine, starts: &[StateId], takes: impl Fn(&Row) -> bool) -> States {
    let mut leaving = vec![Vec::new(); machine.states.len()];
    for row in machine.rows.iter().filter(|row| takes(row)) {
        row.from.iter().for_each(|state| leaving[state.index()].push(row.to));
    }
    search::reachable(starts.iter().copied(), |state| leaving[state.index()].iter().copied()).into_iter().collect()
}
