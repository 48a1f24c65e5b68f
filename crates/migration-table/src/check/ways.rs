//! The ways out of a state: forward, by a failure, or because a user gives up.

use crate::model::{Answer, Fact, FactId, FactKind, Kind, Machine, Row, StateId};
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

/// What holds a machine in a state where nothing that it does itself leads on.
pub(super) struct Held<'m> {
    /// What it waits for: a message, or, where it does nothing but wait, an event.
    pub(super) fact: FactId,
    /// The rows that lead on.
    pub(super) rows: Vec<&'m Row>,
}

/// Returns what holds the machine in a state with these rows, where only others lead on from it: the peer, or something
/// outside. A bound on the time in the state is not looked at.
pub(super) fn held<'m>(machine: &Machine, id: StateId, rows: &[&'m Row]) -> Option<Held<'m>> {
    let kind = machine.state(id).kind;
    if kind == Kind::Idle {
        return None;
    }
    let onward = rows.iter().copied();
    let onward = onward.filter(|row| leads_on(machine, row, id) || row.to == id && asked_for(machine, row));
    let asked = rows.iter().filter(|row| asked_for(machine, row) && awaited_by(machine, row, kind).is_none());
    let (rows, own): (Vec<&Row>, Vec<&Row>) = onward.partition(|row| awaited_by(machine, row, kind).is_some());
    // A trigger that leads to where the awaited fact leads does not give up.
    let asked: Vec<StateId> = asked.map(|row| row.to).collect();
    let is_led_by_user = rows.iter().all(|awaited| asked.contains(&awaited.to));
    let fact = rows.iter().filter_map(|row| awaited_by(machine, row, kind)).min()?;
    (own.is_empty() && !is_led_by_user).then_some(Held { fact, rows })
}

/// What the row cannot fire without, and the machine cannot bring about itself: a message, an event from outside, or,
/// where it does nothing but wait, an event.
fn awaited_by(machine: &Machine, row: &Row, kind: Kind) -> Option<FactId> {
    let is_others = |id: &FactId| match machine.fact(*id).kind {
        FactKind::Message(_) => true,
        FactKind::Event => kind == Kind::Wait || machine.fact(*id).is_outside,
        FactKind::Trigger { .. } | FactKind::Guard { .. } => false,
    };
    machine.fact_ids().filter(is_others).find(|id| step::needs(row, *id))
}

/// Whether a user acts on the state by a command that is handled in place.
pub(super) fn is_handled_in(machine: &Machine, id: StateId) -> bool {
    machine.answers.iter().any(|row| row.answer == Answer::Handle && row.states.contains(&id))
}

/// Whether the row fires only when something outside the work reports an event.
pub(super) fn waits_for_outside(machine: &Machine, row: &Row) -> bool {
    needed(machine, row).any(|fact| fact.is_outside)
}

/// Whether a state that waits could be an idle one: it holds nothing, nothing bounds the wait, nothing is sent in it
/// or still to be released, and only a trigger or something outside leads on.
pub(super) fn could_be_idle(machine: &Machine, id: StateId) -> bool {
    let state = machine.state(id);
    let of_work = machine.events() - machine.outside_events();
    let is_asked = |row: &Row| asked_for(machine, row) || waits_for_outside(machine, row);
    let mut entering = machine.rows.iter().filter(|row| row.to == id);
    let has_more_to_do = entering.any(|row| !row.sends.is_empty() || !holding(machine, row).is_empty());
    let mut rows = machine.rows.iter().filter(|row| row.from.contains(&id));
    state.kind == Kind::Wait
        && !has_more_to_do
        && state.holds.is_empty()
        && !state.is_bounded()
        && rows.all(|row| is_asked(row) && (row.mentions & of_work).is_empty())
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
