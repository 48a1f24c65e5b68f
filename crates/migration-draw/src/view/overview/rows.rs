//! Which rows of a machine count: those that some run takes, as exactly as that can be computed.

use std::collections::BTreeSet;

use migration_contract::public::{Taken, taken};
use migration_table::bdd::TooLarge;

use migration_table::explore::Space;
use migration_table::model::{Machine, StateId, Table};
use migration_table::search;
use migration_table::together::Fired;

/// The rows that some run takes, and what is to be said if that is not exactly what clients see.
pub(super) fn counting(table: &Table, machine: &Machine) -> (Taken, Vec<String>) {
    let explored = explored(machine);
    let (mut counting, too_large) = match (taken(table, machine), &explored) {
        (Ok(taken), _) => (taken, None),
        // Sets of configurations need not be listed one by one; but a setting that lasts is not known there.
        (Err(too_large), Ok(rough)) => {
            let note = format!("{too_large}; what may happen only if settings change meanwhile is shown too");
            (rough.alone.clone(), Some(note))
        }
        (Err(too_large), Err(TooLarge)) => {
            (everything(machine), Some(format!("{too_large}; every public row of it is shown")))
        }
    };
    let together = explored.map(|explored| entered(machine, &counting, &explored)).unwrap_or_default();
    let is_drawn = !together.states.is_empty() || together.cases.iter().any(|(_, row, _)| machine.rows[*row].public);
    let note = is_drawn.then(|| only_together(machine, &counting, &together));
    counting.states.extend(together.states);
    counting.waits.extend(together.waits);
    counting.cases.extend(together.cases);
    (counting, too_large.into_iter().chain(note).collect())
}

/// What a caller adds who sets several facts before it looks, to what is entered otherwise.
fn entered(machine: &Machine, alone: &Taken, explored: &Explored) -> Taken {
    let is_added = |fired: &&Fired| !alone.states.contains(&fired.0) || !explored.alone.cases.contains(*fired);
    let added: Vec<Fired> = explored.together.cases.iter().filter(is_added).copied().collect();
    let next = |state: &StateId| {
        let rows = added.iter().filter(move |(from, ..)| from == state);
        rows.map(|(_, row, _)| machine.rows[*row].to).collect::<Vec<_>>()
    };
    let states: BTreeSet<StateId> = search::reachable(alone.states.iter().copied(), next).into_iter().collect();
    // What leads from one status to another anyway needs no further word.
    let change = |(from, row, _): &Fired| (machine.state(*from).shows, machine.state(machine.rows[*row].to).shows);
    let told: BTreeSet<_> = alone.cases.iter().filter(|it| machine.rows[it.1].public).map(change).collect();
    let is_news = |fired: &Fired| !machine.rows[fired.1].public || !told.contains(&change(fired));
    let cases = added.into_iter().filter(|fired| states.contains(&fired.0) && is_news(fired)).collect();
    let states: BTreeSet<StateId> = states.difference(&alone.states).copied().collect();
    let waits = explored.together.waits.intersection(&states).copied().collect();
    Taken { states, waits, cases }
}

/// Says which rows lead to what only a caller reaches who sets several facts before it looks.
fn only_together(machine: &Machine, alone: &Taken, together: &Taken) -> String {
    let first = together.cases.iter().filter(|(state, ..)| alone.states.contains(state));
    let rows: BTreeSet<String> = first
        .map(|(state, row, _)| format!("`{}` in `{}`", machine.rows[*row].when, machine.state(*state).name))
        .collect();
    let rows: Vec<String> = rows.into_iter().collect();
    format!("fires only if several facts are set before the machine looks: {}", rows.join(", "))
}

/// What runs do if settings may change while they last.
pub(super) struct Explored {
    /// Where the machine looks after every fact.
    pub(super) alone: Taken,
    /// Where a caller may set several facts before it looks.
    pub(super) together: Taken,
}

/// The rows that some run takes, if settings may change while it lasts.
pub(super) fn explored(machine: &Machine) -> Result<Explored, TooLarge> {
    let mut space = Space::new(machine)?;
    let reached = space.explore()?;
    let (mut alone, mut together) = (Taken::default(), Taken::default());
    for state in machine.state_ids() {
        let (arrived, present, rests) = (reached.arrived(state), reached.present(state), space.place_of(state).rests);
        let waiting = space.diagrams.and(present, rests)?;
        for (taken, is_entered, here, waits) in [
            (&mut alone, !arrived.is_never() || state == machine.initial, arrived, reached.rested(state)),
            (&mut together, reached.is_reached(state), present, waiting),
        ] {
            taken.states.extend(is_entered.then_some(state));
            taken.waits.extend((!waits.is_never()).then_some(state));
            taken.cases.extend(space.fired(state, here)?);
        }
    }
    Ok(Explored { alone, together })
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
