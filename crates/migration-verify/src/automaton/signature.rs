//! What a machine exchanges with the others, and what its host remembers.

use migration_table::model::{FactId, FactSet, Machine, StateId};

use super::local::Local;

/// A message of the composition: a message of the table, or an event that a row of another machine causes.
pub(crate) type Letter = u8;

/// What a machine exchanges with the others, and what its host remembers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signature {
    /// The facts that arrive as messages.
    pub(crate) received: FactSet,
    /// The letter of each received fact.
    pub(crate) letters: Vec<(FactId, Letter)>,
    /// What each row sends, in order.
    pub(crate) sends: Vec<Vec<Letter>>,
    /// Triggers that nobody raises, events that do not happen and guards that never hold.
    pub(crate) without: FactSet,
    /// Markers that are set initially.
    pub(crate) initially: u8,
    /// For each state the markers that entering it sets and clears.
    pub(crate) markers: Vec<(u8, u8)>,
    /// For each state whether entering it opens a new connection within the attempt.
    pub(crate) reconnects: Vec<bool>,
    /// Guards that hold exactly while a marker is set.
    pub(crate) tied: Vec<(FactId, u8)>,
    /// The markers that an act of the operator sets.
    pub(crate) acts: Vec<(usize, u8)>,
}

impl Signature {
    /// The letters that the state of a configuration awaits, as a bit set.
    pub(crate) fn awaited(&self, machine: &Machine, local: &Local) -> u64 {
        if local.is_down {
            return 0;
        }
        let mentions = machine.mentioned_in(local.state);
        let awaited = self.letters.iter().filter(|(fact, _)| mentions.contains(*fact));
        awaited.fold(0, |letters, (_, letter)| letters | 1 << letter)
    }

    /// Whether the guards that are tied to markers say what these markers say; `asked` are the guards that are asked.
    pub(super) fn may_hold(&self, asked: FactSet, guards: FactSet, markers: u8) -> bool {
        let asked = self.tied.iter().filter(|(guard, _)| asked.contains(*guard));
        asked.into_iter().all(|(guard, marker)| guards.contains(*guard) == (markers & marker != 0))
    }

    pub(super) fn entering(&self, markers: u8, state: StateId) -> u8 {
        let (set, clear) = self.markers[state.index()];
        markers & !clear | set
    }
}
