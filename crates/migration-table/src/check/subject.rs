//! What the exact checks look at: a machine, what can happen in each of its states, and what some run reaches.

use std::collections::BTreeSet;
use std::fmt;

use crate::bdd::{Bdd, TooLarge};
use crate::explore::{Move, Reached, Space};
use crate::model::{FactSet, Machine, StateId, Table};
use crate::step;

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
    /// By state, the triggers that a row of it mentions, or of a state that an attempt may come to from there.
    heard_from: Vec<FactSet>,
    /// The states of circles in which the machine may go round for ever and of which that is reported.
    pub(super) round: BTreeSet<StateId>,
    /// The rows that never fire and of which that is reported, as indices into those of the machine.
    pub(super) dead: BTreeSet<usize>,
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Subject").field("machine", &self.machine.name).finish_non_exhaustive()
    }
}

impl<'t> Subject<'t> {
    /// Explores a machine.
    pub(crate) fn new(table: &'t Table, machine: &'t Machine) -> Result<Subject<'t>, TooLarge> {
        let mut space = Space::new(machine)?;
        let reached = space.explore()?;
        let heard_from = step::heard_from(machine);
        Ok(Subject { table, machine, space, reached, heard_from, round: BTreeSet::new(), dead: BTreeSet::new() })
    }

    /// The triggers that make a difference when they are pending in a state: a row of it mentions them, or of a state
    /// to which the attempt may go on.
    pub(super) fn heard_from(&self, state: StateId) -> FactSet {
        self.heard_from[state.index()]
    }

    /// The states that some run enters, in the order of the file.
    pub(super) fn reached_states(&self) -> Vec<StateId> {
        self.machine.state_ids().filter(|state| self.reached.is_reached(*state)).collect()
    }

    /// The rows of a state, strongest first.
    pub(super) fn moves(&self, state: StateId) -> Vec<Move> {
        self.space.place_of(state).moves.clone()
    }

    /// The configurations that can be asked about and in which the row may fire.
    pub(super) fn firing(&mut self, state: StateId, step: &Move) -> Result<Bdd, TooLarge> {
        self.space.diagrams.and(self.reached.present(state), step.fires)
    }

    /// Whether the formula of the row holds in some configuration that some run reaches, whichever row fires then.
    pub(super) fn is_enabled(&mut self, state: StateId, step: &Move) -> Result<bool, TooLarge> {
        let enabled = self.space.diagrams.exists(step.enabled, self.machine.open_guards())?;
        Ok(!self.space.diagrams.and(self.reached.present(state), enabled)?.is_never())
    }

    /// Whether the machine ever stays in the state once it has entered it, or is there from the beginning.
    pub(super) fn stays(&mut self, state: StateId) -> Result<bool, TooLarge> {
        let entered = self.space.diagrams.and(self.reached.entered(state), self.space.place_of(state).rests)?;
        Ok(!entered.is_never() || !self.reached.rested(state).is_never())
    }

    /// Whether the row fires with facts that can be present together in the state.
    pub(super) fn can_fire(&mut self, state: StateId, step: &Move) -> Result<bool, TooLarge> {
        Ok(!self.firing(state, step)?.is_never())
    }

    /// The smallest set of facts in a set of them, in words.
    pub(super) fn smallest(&mut self, set: Bdd) -> Result<String, TooLarge> {
        let facts = self.space.smallest(set)?.unwrap_or_default();
        Ok(super::wording::facts(self.machine, facts))
    }
}
