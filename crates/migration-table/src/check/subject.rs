//! What the exact checks look at: a machine, what can happen in each of its states, and what some run reaches.

use std::fmt;

use crate::bdd::{Bdd, TooLarge};
use crate::explore::{Move, Reached, Space};
use crate::model::{Machine, StateId, Table};

/// A machine with everything that can happen to it.
pub struct Subject<'t> {
    /// The table that it belongs to.
    pub table: &'t Table,
    /// The machine.
    pub machine: &'t Machine,
    /// What can happen in its states.
    pub space: Space<'t>,
    /// What some run reaches.
    pub reached: Reached,
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Subject").field("machine", &self.machine.name).finish_non_exhaustive()
    }
}

impl<'t> Subject<'t> {
    /// Explores a machine.
    pub(super) fn new(table: &'t Table, machine: &'t Machine) -> Result<Subject<'t>, TooLarge> {
        let mut space = Space::new(machine)?;
        let reached = space.explore()?;
        Ok(Subject { table, machine, space, reached })
    }

    /// The states that some run enters, in the order of the file.
    pub(super) fn reached_states(&self) -> Vec<StateId> {
        self.machine.state_ids().filter(|state| self.reached.is_reached(*state)).collect()
    }

    /// The rows of a state, strongest first.
    pub(super) fn moves(&self, state: StateId) -> Vec<Move> {
        self.space.place_of(state).moves.clone()
    }

    /// The configurations that some run reaches and in which the row may fire.
    pub(super) fn firing(&mut self, state: StateId, step: &Move) -> Result<Bdd, TooLarge> {
        self.space.diagrams.and(self.reached.arrived(state), step.fires)
    }

    /// The configurations of a state that some run reaches.
    pub(super) fn anything(&mut self, state: StateId) -> Result<Bdd, TooLarge> {
        self.space.diagrams.or(self.reached.arrived(state), self.reached.rested(state))
    }

    /// The smallest set of facts in a set of them, in words.
    pub(super) fn smallest(&mut self, set: Bdd) -> Result<String, TooLarge> {
        let facts = self.space.smallest(set)?.unwrap_or_default();
        Ok(super::wording::facts(self.machine, facts))
    }
}
