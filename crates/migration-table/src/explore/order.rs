//! Which facts diagrams ask for one after the other: those that decide together stand together.
//!
//! A trigger that is accepted only under some guard is pending only under that guard. Eight such pairs are a diagram of
//! a few nodes if each trigger stands beside its guard, and of hundreds if all triggers stand before all guards.

use crate::model::{FactId, Machine};

/// All facts of the machine, each beside one that many rows mention with it. Begins with the first of `by_name`.
pub(super) fn of(machine: &Machine, by_name: &[FactId]) -> Vec<FactId> {
    let together = together(machine);
    let mut left = by_name.to_vec();
    let mut order: Vec<FactId> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let weight = |fact: FactId| {
            let with = |other: &FactId| together[fact.index()][other.index()];
            (order.last().map_or(0, with), order.iter().map(with).sum::<u32>())
        };
        let mut best = 0;
        for index in 1..left.len() {
            if weight(left[index]) > weight(left[best]) {
                best = index;
            }
        }
        order.push(left.remove(best));
    }
    order
}

/// For every two facts, how many formulas mention both.
fn together(machine: &Machine) -> Vec<Vec<u32>> {
    let mut together = vec![vec![0u32; machine.facts.len()]; machine.facts.len()];
    for row in &machine.rows {
        for first in row.mentions {
            row.mentions.iter().for_each(|second| together[first.index()][second.index()] += 1);
        }
    }
    together
}
