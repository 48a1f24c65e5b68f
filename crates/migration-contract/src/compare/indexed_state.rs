//! One state of an automaton that was made ready for the walks.

use fixedbitset::FixedBitSet;

/// One state, with names as numbers and what can be reached from it.
pub(super) struct IndexedState {
    /// The events, as label and target, sorted.
    pub(super) events: Vec<(usize, usize)>,
    /// The replies, as label and target, sorted.
    pub(super) replies: Vec<(usize, usize)>,
    pub(super) shows: Vec<usize>,
    /// What a client that asks can be shown here, and the state after that: nothing while the machine is about to publish,
    /// as it takes no command.
    pub(super) asked: Vec<(usize, usize)>,
    pub(super) rests: bool,
    /// What is shown where nothing more may come.
    pub(super) resting: Vec<usize>,
    pub(super) ends: bool,
    pub(super) trapped: bool,
    /// Whether it can come, without a command, to a state where it is trapped.
    pub(super) may_be_trapped: bool,
    /// The statuses with which an attempt can end from here without a command.
    pub(super) outcomes: FixedBitSet,
    /// What can be reached from here without a command, this state included.
    pub(super) ahead: FixedBitSet,
}

impl IndexedState {
    /// The state after a query that shows this; `None` if none does.
    pub(super) fn after_query(&self, status: usize) -> Option<usize> {
        self.asked.iter().find(|(shown, _)| *shown == status).map(|(_, to)| *to)
    }
}
