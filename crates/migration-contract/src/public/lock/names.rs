//! Names for the states of automata: what they show, and a number where several show the same.
//!
//! Numbers follow the order of the states, those that are nearer to the beginning first, so a state that comes in moves
//! only the numbers of those behind it that show the same. Under different settings a machine does much the same, and
//! states that are reached in the same order have the same names, so most lines hold under all settings.

use std::collections::BTreeMap;

use crate::public::automaton::{Automaton, AutomatonState, Shown};

/// The name of a state.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    /// What it shows.
    pub(super) shows: Vec<Shown>,
    /// Its number among those that show the same; the first is 1.
    pub(super) number: u32,
}

/// The names of the states of an automaton, in their order.
pub(super) fn names(automaton: &Automaton) -> Vec<Name> {
    let mut alike = BTreeMap::new();
    let name = |state: &AutomatonState| {
        let shows: Vec<Shown> = state.shows.iter().cloned().collect();
        let number = alike.entry(shows.clone()).and_modify(|number| *number += 1).or_insert(1);
        Name { shows, number: *number }
    };
    automaton.states.iter().map(name).collect()
}
