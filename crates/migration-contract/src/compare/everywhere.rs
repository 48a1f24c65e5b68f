//! What a side does wherever it shows a status. A difference is found at one place, and a headline such as "a client
//! that sends `cancel` in `active` was never refused" speaks of every place where `active` is shown.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;

use super::indexed_state::IndexedState;
use super::names::Names;

/// What one side does, by the status that it shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Everywhere {
    statuses: Vec<InStatus>,
    /// The labels of everything that is ever published.
    published: BTreeSet<usize>,
}

/// What a side does in all states that show one status.
#[derive(Clone, Debug, Default)]
pub(super) struct InStatus {
    /// The commands that can succeed.
    pub(super) succeeds: BTreeSet<usize>,
    /// The commands that can be refused.
    pub(super) refused: BTreeSet<usize>,
    /// The statuses that can come next by themselves.
    pub(super) next: BTreeSet<usize>,
    /// The statuses that can come later without a command.
    pub(super) later: BTreeSet<usize>,
    /// The commands that can succeed, each with what can come right after it.
    pub(super) effects: BTreeSet<(usize, usize)>,
    /// The statuses with which an attempt can end without a command.
    pub(super) outcomes: BTreeSet<usize>,
    /// Whether nothing more may come.
    pub(super) rests: bool,
    /// Whether an attempt may never end without a command.
    pub(super) may_be_trapped: bool,
}

impl Everywhere {
    pub(super) fn new(states: &[IndexedState], names: &Names) -> Everywhere {
        let mut statuses = vec![InStatus::default(); names.statuses()];
        let mut ahead = vec![FixedBitSet::with_capacity(states.len()); names.statuses()];
        let mut published = BTreeSet::new();
        let next = |state: &IndexedState| -> Vec<usize> {
            state.events.iter().filter_map(|(label, _)| names.shown(*label)).collect()
        };
        // What only a command makes the machine publish does not follow by itself.
        let entered: BTreeSet<usize> = states.iter().flat_map(|state| &state.events).map(|(_, to)| *to).collect();
        for (at, state) in states.iter().enumerate() {
            let goes_on = at == 0 || !state.replies.is_empty() || entered.contains(&at);
            published.extend(state.events.iter().map(|(label, _)| *label));
            for status in state.shows.iter().copied() {
                let here = &mut statuses[status];
                here.next.extend(goes_on.then(|| next(state)).into_iter().flatten());
                here.outcomes.extend(state.outcomes.ones());
                here.rests |= state.rests;
                here.may_be_trapped |= state.may_be_trapped;
                ahead[status].union_with(&state.ahead);
                for (label, to) in &state.replies {
                    match names.answer(*label) {
                        Some((command, true)) => {
                            here.succeeds.insert(command);
                            here.effects.extend(next(&states[*to]).into_iter().map(|status| (command, status)));
                        }
                        Some((command, false)) => drop(here.refused.insert(command)),
                        None => {}
                    }
                }
            }
        }
        for (status, ahead) in statuses.iter_mut().zip(ahead) {
            status.later = ahead.ones().flat_map(|state| next(&states[state])).collect();
        }
        Everywhere { statuses, published }
    }

    /// What the side does where it shows this status.
    pub(super) fn in_status(&self, status: usize) -> &InStatus {
        &self.statuses[status]
    }

    /// Whether an event with this label is ever published.
    pub(super) fn publishes(&self, label: usize) -> bool {
        self.published.contains(&label)
    }
}
