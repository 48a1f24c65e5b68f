//! What comes of two facts that can meet, as data.

use std::collections::{BTreeMap, BTreeSet};

use migration_table::model::{FactId, ReasonId, StateId};

/// Two facts that can meet in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Race {
    /// Where they meet.
    pub state: StateId,
    /// The facts, in the order of the table.
    pub facts: (FactId, FactId),
    /// Whether both can be present at one look.
    pub is_together: bool,
    /// What happens if both are there at one look and, where no run has both, nothing else is.
    pub at_once: Vec<AtOnce>,
    /// What happens if one is acted upon before the other comes: with the first one first, and with the second.
    pub in_turn: (Order, Order),
}

/// A row that fires when both facts are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtOnce {
    /// Where it leads; none where no row that has to do with the two fires.
    pub to: Option<StateId>,
    /// Where the machine can come to rest after it, and the reason that the attempt was given by then.
    pub ends: BTreeSet<End>,
    /// Why this row.
    pub rule: Rule,
    /// What else must be so; empty where nothing must.
    pub condition: String,
}

/// A state in which a machine comes to rest, and the reason that the attempt was given on the way there.
pub type End = (StateId, Option<ReasonId>);

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

/// What happens with one of the two first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// What happens where a row fires for the first one; nothing where it always waits.
    pub turns: BTreeSet<InTurn>,
    /// What else must be so, for each state that the first one leads to; not there for one that it always leads to.
    pub conditions: BTreeMap<StateId, String>,
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
    /// The reason that the attempt was given by then, if it had none before.
    pub reason: Option<ReasonId>,
}

/// What is said to a fact that comes second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Late {
    /// The evidence is of a visit that is over.
    Stale,
    /// It comes from outside, or is a message that nobody has read, and the next state awaits it.
    Awaited,
    /// It comes from outside, and the next state does not await it.
    NotAwaited,
    /// The trigger is accepted.
    Accepted,
    /// The trigger is ignored.
    Ignored,
    /// The host handles the trigger, and the machine stays as it is.
    Handled,
    /// The trigger is refused.
    Refused,
}

impl Race {
    /// Where each order leads. Where one of the two waits for the other, what happens with both there counts for it.
    fn ends(&self) -> BTreeSet<End> {
        let ends = |order: &Order| -> BTreeSet<End> {
            if order.turns.is_empty() {
                self.at_once.iter().flat_map(|once| once.ends.iter().copied()).collect()
            } else {
                order.turns.iter().map(|turn| (turn.end, turn.reason)).collect()
            }
        };
        &ends(&self.in_turn.0) | &ends(&self.in_turn.1)
    }

    /// The one state to which both orders lead, if there is just one and the reason is the same too: then it is the same
    /// who is first.
    #[must_use]
    pub fn only_end(&self) -> Option<StateId> {
        let ends = self.ends();
        if ends.len() == 1 { ends.first().map(|(state, _)| *state) } else { None }
    }

    /// The one state to which both orders lead, where the order decides the reason that is given and nothing else.
    #[must_use]
    pub fn end_of_several_reasons(&self) -> Option<StateId> {
        let ends = self.ends();
        let states: BTreeSet<StateId> = ends.iter().map(|(state, _)| *state).collect();
        if states.len() == 1 && ends.len() > 1 { states.first().copied() } else { None }
    }

    /// Whether nobody but the order of arrival decides where this leads.
    #[must_use]
    pub fn is_decided_by_order(&self) -> bool {
        let has_order = !self.in_turn.0.turns.is_empty() || !self.in_turn.1.turns.is_empty();
        has_order && self.only_end().is_none()
    }
}
