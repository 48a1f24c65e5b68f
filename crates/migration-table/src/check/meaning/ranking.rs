//! A precedence that settles every collision of a machine, if there is one.
//!
//! Two rows are settled if the strongest facts that they need differ. Which order is right only a person can know; this
//! is one under which no rows collide, no row falls silent that fired before, and no trigger is lost that was not.

use std::collections::BTreeSet;

use super::collisions::{Collision, collisions};
use super::dropped_trigger::lost;
use crate::bdd::TooLarge;
use crate::check::subject::Subject;
use crate::model::{FactId, FactSet, Machine, Row, Table};

/// How often an order is changed because two rows still have the same strongest fact.
const ROUNDS_MAX: usize = 64;

/// A precedence of the machine, what is listed already first, under which nothing collides.
pub(super) fn settling(table: &Table, machine: &Machine, found: &[Collision]) -> Result<Option<Vec<FactId>>, TooLarge> {
    let needed = |index: usize| FactSet::union(machine.rows[index].cubes.iter().map(|case| case.set));
    let both = |collision: &Collision| {
        let (one, other) = (needed(collision.rows.0), needed(collision.rows.1));
        (one.min(other), one.max(other))
    };
    let pairs: BTreeSet<(FactSet, FactSet)> = found.iter().map(both).collect();
    let before = harm(table, machine)?;
    for is_user_first in [true, false] {
        let Some(order) = ordered(machine, &pairs, is_user_first) else { continue };
        let mut settled = machine.clone();
        settled.rows.iter_mut().for_each(|row| row.rank = rank(row, &order));
        settled.precedence.clone_from(&order);
        let after = harm(table, &settled)?;
        if after.0 == 0 && after.1 <= before.1 {
            return Ok(Some(order));
        }
    }
    Ok(None)
}

/// How many rows collide, and how many never fire or lose a trigger.
fn harm(table: &Table, machine: &Machine) -> Result<(usize, usize), TooLarge> {
    let mut subject = Subject::new(table, machine)?;
    let collisions = collisions(&mut subject)?.len();
    let mut fires = BTreeSet::new();
    for state in subject.reached_states() {
        for step in subject.moves(state) {
            if subject.can_fire(state, &step)? {
                fires.insert(step.row);
            }
        }
    }
    let lost = lost(&mut subject)?.len();
    Ok((collisions, machine.rows.len() - fires.len() + lost))
}

fn rank(row: &Row, order: &[FactId]) -> usize {
    let is_needed = |fact: &FactId| row.cubes.iter().any(|case| case.set.contains(*fact));
    order.iter().position(is_needed).unwrap_or(order.len())
}

/// An order in which the strongest facts of no pair are the same. What users ask for comes first, or what fails.
fn ordered(machine: &Machine, pairs: &BTreeSet<(FactSet, FactSet)>, is_user_first: bool) -> Option<Vec<FactId>> {
    let weight = |fact: &FactId| {
        let of = machine.fact(*fact);
        let kind = match (of.is_trigger(), of.carries_cause, of.is_guard()) {
            (true, ..) => usize::from(!is_user_first),
            (_, true, _) => usize::from(is_user_first),
            (_, _, false) => 2,
            (_, _, true) => 3,
        };
        (kind, &of.name)
    };
    let mut order = machine.precedence.clone();
    let all = FactSet::union(pairs.iter().map(|(one, other)| *one | *other)) - machine.guards();
    let mut more: Vec<FactId> = all.iter().filter(|fact| !order.contains(fact)).collect();
    more.sort_by_key(weight);
    order.extend(more);
    let strongest = |order: &[FactId], set: FactSet| order.iter().position(|fact| set.contains(*fact));
    for _ in 0..ROUNDS_MAX {
        let equal = |(one, other): &&(FactSet, FactSet)| strongest(&order, *one) == strongest(&order, *other);
        let Some((one, other)) = pairs.iter().find(equal) else { return Some(order) };
        // One of them needs more than the other; that must be stronger than what both need.
        let at = strongest(&order, *one).unwrap_or(order.len());
        let mut apart: Vec<FactId> = (*one ^ *other).iter().collect();
        apart.sort_by_key(weight);
        let moved = apart.into_iter().find(|fact| strongest(&order, (*fact).into()).is_none_or(|place| place > at))?;
        order.retain(|fact| *fact != moved);
        order.insert(at, moved);
    }
    None
}
