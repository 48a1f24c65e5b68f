//! The new side as an old client can drive it.
//!
//! A client that is sent every event knows where the machine is, and gives a command only where the old machine may
//! answer it with success. One that asks knows less: to it a command that the old machine always refused in one place
//! and accepts in another is one that may succeed. So that a command which succeeds in one more place is no difference
//! to it either, the new machine is cut for such clients: where the old one, after the same events and replies, always
//! refuses, the command is taken away.

use std::collections::BTreeMap;

use super::indexed::{Indexed, Names, answers_to, by_command};
use super::observer::ObserverClass;
use super::view::View;
use crate::public::{Automaton, AutomatonState, Edge};
use migration_table::bdd::TooLarge;
use migration_table::model::{Channel, Repeat, Unknown};
use migration_table::search::BreadthFirst;

/// The most states of the new side that is pruning.
const SPOTS_MAX: usize = 1 << 16;

/// The new automaton without what an old client does not make it do. A state of it is one of the new automaton and
/// what the old one may be in after the same run.
///
/// # Errors
///
/// When there are too many states.
pub(super) fn prune(new: &Indexed<'_>, old: &Indexed<'_>, names: &Names) -> Result<Automaton, TooLarge> {
    let class = ObserverClass::new(Channel::Events, Unknown::Fail, Repeat::See);
    let mut pruning = Pruning { new, old: View::new(old, names, class), names };
    let mut search = BreadthFirst::new([(0, 0)]);
    let mut states: Vec<AutomatonState> = Vec::new();
    while let Some((number, (state, seen))) = search.next_node() {
        let kept = pruning.kept(state, seen)?;
        states.push(pruning.state(state, kept, |to| search.reach(number, (), to)));
        if search.nodes().len() > SPOTS_MAX {
            return Err(TooLarge);
        }
    }
    Ok(Automaton { states })
}

struct Pruning<'a> {
    new: &'a Indexed<'a>,
    old: View<'a>,
    names: &'a Names,
}

impl Pruning<'_> {
    /// Returns a state of the new side with these edges; `number` gives where they lead its number.
    fn state(
        &self,
        state: usize,
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
        let AutomatonState { shows, rests, ends, trapped, edges: _ } = here.clone();
        AutomatonState { shows, rests, ends, trapped, edges }
    }

    /// The edges of a state that an old client can come along: label, and where both sides are then. An event that the
    /// old side does not have here is one that it has elsewhere, or one that leaves it where it is.
    fn kept(&mut self, state: usize, seen: usize) -> Result<Vec<(usize, usize, usize)>, TooLarge> {
        let mut kept = Vec::new();
        for (label, to) in &self.new.states[state].events {
            let old_to = match self.old.seen(seen)?.output(*label) {
                Some(old_to) => old_to,
                None => self.names.shown(*label).and_then(|status| self.old.anywhere(status)).unwrap_or(seen),
            };
            kept.push((*label, *to, old_to));
        }
        self.old.seen(seen)?;
        let old = self.old.known(seen);
        let answers = by_command(self.names, &old.replies);
        for (label, to) in &self.new.states[state].replies {
            let Some((command, _)) = self.names.answer(*label) else { continue };
            let Some(answers) = answers_to(&answers, command) else { continue };
            // A refusal that may have crossed an event is not compared, so nothing behind it is.
            let is_known = old.reply(*label).is_some() || !self.old.may_fail(old, command);
            if answers.success.is_some() && is_known {
                kept.push((*label, *to, old.reply(*label).unwrap_or(seen)));
            }
        }
        Ok(kept)
    }
}
