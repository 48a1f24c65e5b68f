//! Who wins when two facts meet: for every state that some run reaches, every pair of facts that can come in there.
//!
//! A machine looks at facts one by one, so most pairs are never there together: the one that comes first is acted upon,
//! and then the question is what becomes of the other. Where that leads to the same place, the race is harmless; where
//! it does not, nobody but the order of arrival decides, and precedence has no say. Two facts are there together only
//! where the first of them waits; then the rows decide, by their formulas or by precedence. Both questions are answered
//! exactly, over everything that can happen.

mod at_once;
mod in_turn;
mod text;

use std::collections::BTreeSet;

use migration_table::bdd::{Bdd, TooLarge};
use migration_table::explore::{Reached, Space};
use migration_table::model::{Answer, Cube, FactId, FactSet, Machine, StateId};
use migration_table::step;

pub(super) use text::page;

/// Two facts that can meet in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Race {
    /// Where they meet.
    pub state: StateId,
    /// The facts, in the order of the table.
    pub facts: (FactId, FactId),
    /// Whether some run has both pending at one look.
    pub is_together: bool,
    /// What happens if both are there at one look and, where no run has both, nothing else is.
    pub at_once: Vec<AtOnce>,
    /// What happens if one is acted upon before the other comes: with the first one first, and with the second.
    pub in_turn: (BTreeSet<InTurn>, BTreeSet<InTurn>),
}

/// A row that fires when both facts are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtOnce {
    /// Where it leads; none where no row that has to do with the two fires.
    pub to: Option<StateId>,
    /// Where the machine can come to rest after it.
    pub ends: BTreeSet<StateId>,
    /// Why this row.
    pub rule: Rule,
    /// What else must be so; empty where nothing must.
    pub condition: String,
}

/// Why a row fires, and not another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The formula of no row with another effect holds.
    Formula,
    /// Other rows could fire as well, and do the same.
    SameEffect,
    /// This fact is listed before what other rows need.
    Precedence(FactId),
    /// Other rows could fire as well, and do something else: an error in the table.
    Ambiguous,
    /// No row that has to do with the two fires.
    Waits,
}

/// What happens when one fact is acted upon and the other comes later.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InTurn {
    /// Where the first one leads.
    pub via: StateId,
    /// What is said to the second one there.
    pub late: Late,
    /// Where the machine comes to rest after both.
    pub end: StateId,
}

/// What is said to a fact that comes second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Late {
    /// The evidence is of a visit that is over.
    Stale,
    /// The trigger is accepted.
    Accepted,
    /// The trigger is ignored.
    Ignored,
    /// The trigger is refused.
    Refused,
}

/// Where a machine is, and what may be pending there.
type Somewhere = (StateId, Bdd);

/// A space with what some run reaches in it.
struct Field<'m> {
    space: Space<'m>,
    reached: Reached,
}

/// Every pair of facts that can meet, in the order of the states and of the facts.
///
/// # Errors
///
/// When there are too many cases.
pub fn races(machine: &Machine) -> Result<Vec<Race>, TooLarge> {
    let mut space = Space::new(machine)?;
    let reached = space.explore()?;
    let mut field = Field { space, reached };
    let mut races = Vec::new();
    for state in machine.state_ids() {
        let candidates = field.candidates(state);
        for (index, first) in candidates.iter().enumerate() {
            for second in &candidates[index + 1..] {
                races.extend(field.race(state, *first, *second)?);
            }
        }
    }
    Ok(races)
}

impl<'m> Field<'m> {
    /// The triggers and events that can be pending in a state: those that can come in, and those that were brought.
    fn candidates(&self, state: StateId) -> Vec<FactId> {
        let machine = self.space.machine;
        let incoming: FactSet = self.space.incoming(state).iter().map(|(fact, _)| *fact).collect();
        let brought = self.space.diagrams.depends_on(self.reached.arrived(state)) & machine.triggers();
        (incoming | brought).iter().collect()
    }

    fn race(&mut self, state: StateId, first: FactId, second: FactId) -> Result<Option<Race>, TooLarge> {
        let both = self.both(state, first, second)?;
        let in_turn = (self.in_turn(state, first, second)?, self.in_turn(state, second, first)?);
        let is_together = !both.is_never();
        if !is_together && in_turn.0.is_empty() && in_turn.1.is_empty() {
            return Ok(None);
        }
        let both = if is_together { both } else { self.only(first, second)? };
        let at_once = self.at_once(state, both, FactSet::from_iter([first, second]))?;
        Ok(Some(Race { state, facts: (first, second), is_together, at_once, in_turn }))
    }

    /// The configurations of a state that some run reaches with both facts pending.
    fn both(&mut self, state: StateId, first: FactId, second: FactId) -> Result<Bdd, TooLarge> {
        let arrived = self.reached.arrived(state);
        let with_first = self.with(arrived, first)?;
        self.with(with_first, second)
    }

    fn with(&mut self, set: Bdd, fact: FactId) -> Result<Bdd, TooLarge> {
        let there = self.space.diagrams.restrict(set, fact, true)?;
        self.space.diagrams.branch(fact, Bdd::NEVER, there)
    }

    /// The configurations with just these triggers and events, whatever guards say.
    fn only(&mut self, first: FactId, second: FactId) -> Result<Bdd, TooLarge> {
        let machine = self.space.machine;
        let both = FactSet::from_iter([first, second]);
        self.space.diagrams.case(Cube { set: both, clear: (machine.triggers() | machine.events()) - both })
    }

    /// What the answers of the table say to a trigger that is not taken.
    fn listed(&self, state: StateId, trigger: FactId) -> Late {
        match step::listed(self.space.machine, state, trigger).map(|row| &row.answer) {
            Some(Answer::Ignore) => Late::Ignored,
            Some(Answer::Accept | Answer::Refuse(_)) | None => Late::Refused,
        }
    }
}

impl Race {
    /// The one state to which both orders lead, if there is just one: then it is the same who is first. Where one of the
    /// two waits for the other, what happens with both there counts for it.
    #[must_use]
    pub fn only_end(&self) -> Option<StateId> {
        let ends = |turns: &BTreeSet<InTurn>| -> BTreeSet<StateId> {
            if turns.is_empty() {
                self.at_once.iter().flat_map(|once| once.ends.iter().copied()).collect()
            } else {
                turns.iter().map(|turn| turn.end).collect()
            }
        };
        let all = &ends(&self.in_turn.0) | &ends(&self.in_turn.1);
        if all.len() == 1 { all.first().copied() } else { None }
    }

    /// Whether nobody but the order of arrival decides where this leads.
    #[must_use]
    pub fn is_decided_by_order(&self) -> bool {
        let has_order = !self.in_turn.0.is_empty() || !self.in_turn.1.is_empty();
        has_order && self.only_end().is_none()
    }
}
