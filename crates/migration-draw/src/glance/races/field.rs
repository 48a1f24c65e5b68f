//! Sets of configurations in which facts can meet.

use migration_table::bdd::{Bdd, TooLarge};
use migration_table::explore::{Reached, Space};
use migration_table::model::{Answer, Cube, FactId, FactSet, StateId};
use migration_table::step;

use super::race::{End, Late};

/// Where a machine is with the reason that it was given, and what may be pending there.
pub(super) type Somewhere = (End, Bdd);

/// A space with what some run reaches in it.
pub(super) struct Field<'m> {
    pub(super) space: Space<'m>,
    pub(super) reached: Reached,
    /// By state, the triggers that make a difference when they are pending there.
    pub(super) heard_from: Vec<FactSet>,
}

impl Field<'_> {
    /// The triggers and events that can be pending in a state: those that can come in, and those that were brought.
    pub(super) fn candidates(&mut self, state: StateId) -> Result<Vec<FactId>, TooLarge> {
        let machine = self.space.machine;
        let mut found: FactSet = self.space.incoming(state).iter().map(|(fact, _)| *fact).collect();
        let present = self.reached.present(state);
        for trigger in machine.triggers().iter() {
            // A trigger that may be there or not, whatever else is, does not show in what the diagram depends on.
            if !self.space.diagrams.restrict(present, trigger, true)?.is_never() {
                found |= trigger;
            }
        }
        Ok(found.iter().collect())
    }

    /// The configurations of a state in which both facts can be present.
    pub(super) fn both(&mut self, state: StateId, first: FactId, second: FactId) -> Result<Bdd, TooLarge> {
        let present = self.reached.present(state);
        let with_first = self.with(present, first)?;
        self.with(with_first, second)
    }

    pub(super) fn with(&mut self, set: Bdd, fact: FactId) -> Result<Bdd, TooLarge> {
        let there = self.space.diagrams.restrict(set, fact, true)?;
        self.space.diagrams.branch(fact, Bdd::NEVER, there)
    }

    /// The configurations with just these triggers and events, whatever guards say.
    pub(super) fn only(&mut self, first: FactId, second: FactId) -> Result<Bdd, TooLarge> {
        let machine = self.space.machine;
        let both = FactSet::from_iter([first, second]);
        self.space.diagrams.case(Cube { set: both, clear: (machine.triggers() | machine.events()) - both })
    }

    /// What the answers of the table say to a trigger that is not taken.
    pub(super) fn listed(&self, state: StateId, trigger: FactId) -> Late {
        match step::listed(self.space.machine, state, trigger).map(|row| &row.answer) {
            Some(Answer::Ignore) => Late::Ignored,
            Some(Answer::Handle) => Late::Handled,
            Some(Answer::Accept | Answer::Refuse(_)) | None => Late::Refused,
        }
    }
}
