//! The ways out of a state: forward, by a failure, or because a user gives up.

use crate::model::{Fact, FactId, Kind, Machine, Row, StateId};
use crate::step;

/// The rows of every state.
pub(super) fn by_state(machine: &Machine) -> Vec<Vec<&Row>> {
    let mut rows = vec![Vec::new(); machine.states.len()];
    for row in &machine.rows {
        row.from.iter().for_each(|state| rows[state.index()].push(row));
    }
    rows
}

/// Whether the row is a way forward: no failure, and no user giving up.
pub(super) fn leads_on(machine: &Machine, row: &Row, from: StateId) -> bool {
    let ends = matches!(machine.state(row.to).kind, Kind::Cleanup | Kind::Idle);
    row.to != from && !fails(machine, row) && !(ends && asked_for(machine, row))
}

/// Whether the row ends an attempt early: by a failure or by nothing but a trigger, to clean-up or to an idle state.
pub(super) fn gives_up(machine: &Machine, row: &Row) -> bool {
    let ends = matches!(machine.state(row.to).kind, Kind::Cleanup | Kind::Idle);
    let waits = needed(machine, row).any(Fact::is_event);
    ends && (fails(machine, row) || asked_for(machine, row) && !waits)
}

/// Whether the row fires only when a user asks for something.
pub(super) fn asked_for(machine: &Machine, row: &Row) -> bool {
    needed(machine, row).any(Fact::is_trigger)
}

/// Whether the row fires only on a failure: it needs an event that carries a cause.
pub(super) fn fails(machine: &Machine, row: &Row) -> bool {
    needed(machine, row).any(is_failure)
}

/// Whether the fact tells of a failure.
pub(super) fn is_failure(fact: &Fact) -> bool {
    fact.is_event() && fact.carries_cause
}

/// Whether some case of the row has the fact, needed or not.
pub(super) fn hears(row: &Row, fact: FactId) -> bool {
    row.cubes.iter().any(|cube| cube.set.contains(fact))
}

/// The states from which the row leads away while they hold something, and which are no clean-up.
pub(super) fn holding(machine: &Machine, row: &Row) -> Vec<StateId> {
    let holds = |id: &StateId| {
        let state = machine.state(*id);
        state.kind != Kind::Cleanup && !state.holds.is_empty()
    };
    row.from.iter().copied().filter(holds).collect()
}

fn needed<'m>(machine: &'m Machine, row: &Row) -> impl Iterator<Item = &'m Fact> {
    machine.fact_ids().filter(|id| step::needs(row, *id)).map(|id| machine.fact(id))
}
