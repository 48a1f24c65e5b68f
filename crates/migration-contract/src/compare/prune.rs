//! The new side as an old client can drive it.
//!
//! A client that is sent every event knows where the machine is, and gives a command only where the old machine may
//! answer it with success. One that asks knows less: to it a command that the old machine always refused in one place
//! and accepts in another is one that may succeed. So that a command which succeeds in one more place is no difference
//! to it either, the new machine is cut for such clients: where the old one, after the same events and replies, always
//! refuses, the command is taken away.

use std::collections::BTreeMap;

use super::indexed::{Indexed, answers_to, by_command};
use super::names::Names;
use super::observer::ObserverClass;
use super::view::View;
use crate::public::{Automaton, AutomatonState, Edge, Query};
use migration_table::bdd::TooLarge;
use migration_table::model::{Channel, Repeat, Unknown};
use migration_table::search::BreadthFirst;

/// The most states of the new side that is pruning.
const SPOTS_MAX: usize = 1 << 16;

/// The new automaton without what an old client does not make it do.
pub(super) struct Pruned {
    /// A state of it is one of the new automaton and what the old one may be in after the same run.
    automaton: Automaton,
    /// By state, that of the new automaton.
    origins: Vec<usize>,
}

impl Pruned {
    /// Returns it compiled. It takes queries wherever `new`, the automaton that it was made of, does, and what is said of
    /// the new side as a whole is what `new` does.
    pub(super) fn indexed(&self, new: &Indexed<'_>, names: &Names) -> Indexed<'_> {
        let takes = |state: usize| !new.states[self.origins[state]].asked.is_empty();
        Indexed { everywhere: new.everywhere.clone(), ..Indexed::answering(&self.automaton, names, takes) }
    }
}

/// Returns the new automaton without what an old client does not make it do.
///
/// # Errors
///
/// When there are too many states.
pub(super) fn prune(new: &Indexed<'_>, old: &Indexed<'_>, names: &Names) -> Result<Pruned, TooLarge> {
    let class = ObserverClass::new(Channel::Events, Unknown::Fail, Repeat::See);
    let mut pruning = Pruning { new, old: View::new(old, names, class), names };
    let mut search = BreadthFirst::new([(0, 0)]);
    let (mut states, mut origins) = (Vec::<AutomatonState>::new(), Vec::new());
    while let Some((number, (state, seen))) = search.next_node() {
        let kept = pruning.kept(state, seen)?;
        origins.push(state);
        states.push(pruning.state((state, seen), kept, |to| search.reach(number, (), to)));
        if search.nodes().len() > SPOTS_MAX {
            return Err(TooLarge);
        }
    }
    Ok(Pruned { automaton: Automaton { states }, origins })
}

struct Pruning<'a> {
    new: &'a Indexed<'a>,
    old: View<'a>,
    names: &'a Names,
}

impl Pruning<'_> {
    /// Returns a state of the new side with these edges; `number` gives where they lead its number. What a query tells of
    /// the new machine tells nothing of where the old one is.
    fn state(
        &self,
        (state, seen): (usize, usize),
        kept: Vec<(usize, usize, usize)>,
        mut number: impl FnMut((usize, usize)) -> usize,
    ) -> AutomatonState {
        let here = &self.new.source.states[state];
        let mut edges = BTreeMap::new();
        for (label, to, old_to) in kept {
            let places = here.edges.get(self.names.label(label)).map(|edge| edge.places.clone()).unwrap_or_default();
            let to = number((to, old_to));
            edges.insert(self.names.label(label).clone(), Edge { to, places });
        }
        let queries = here.queries.iter().map(|(shown, query)| {
            let to = number((query.to, seen));
            (shown.clone(), Query { to, ..*query })
        });
        let queries = queries.collect();
        let AutomatonState { shows, rests, ends, trapped, .. } = here.clone();
        AutomatonState { shows, rests, ends, trapped, edges, queries }
    }

    /// Where the old side is after an event that it does not have here: behind the same status with another reason, or
    /// wherever it has the status, or where it was.
    fn elsewhere(&mut self, label: usize, seen: usize) -> usize {
        let Some(status) = self.names.shown(label) else { return seen };
        let alike = self.old.alike(seen, status);
        if alike.is_empty() {
            return self.old.anywhere(status).unwrap_or(seen);
        }
        self.old.together(alike.into_iter().map(|(_, to)| to), status)
    }

    /// The edges of a state that an old client can come along: label, and where both sides are then. An event that the
    /// old side does not have here is one that it has elsewhere, or one that leaves it where it is.
    fn kept(&mut self, state: usize, seen: usize) -> Result<Vec<(usize, usize, usize)>, TooLarge> {
        let mut kept = Vec::new();
        for (label, to) in &self.new.states[state].events {
            let old_to = match self.old.seen(seen)?.output(*label) {
                Some(old_to) => old_to,
                None => self.elsewhere(*label, seen),
            };
            kept.push((*label, *to, old_to));
        }
        self.old.seen(seen)?;
        let old = self.old.known(seen);
        let answers = by_command(self.names, &old.replies);
        let ahead = self.old.successes_ahead(old);
        for (label, to) in &self.new.states[state].replies {
            let Some((command, _)) = self.names.answer(*label) else { continue };
            let succeeds = answers_to(&answers, command).is_some_and(|answers| answers.success.is_some());
            if succeeds {
                let old_to = self.old.known(seen).reply(*label).unwrap_or(seen);
                kept.push((*label, *to, old_to));
            } else if let Some(members) = ahead.get(&command) {
                // The old machine answers it as soon as it has published what comes first.
                let old_to = match self.names.answer(*label) {
                    Some((_, true)) => self.old.among(members.clone(), None),
                    Some((_, false)) | None => seen,
                };
                kept.push((*label, *to, old_to));
            }
        }
        Ok(kept)
    }
}
