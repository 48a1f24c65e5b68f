//! An automaton in the eyes of a kind of client.
//!
//! What a client does not see is a silent step; the view is made deterministic again, a state at a time as the walk
//! asks for it. A state of it is the set of states that the machine may be in, and the status that the client has seen
//! last. Nothing is approximated: a view shows exactly the sequences that such a client can see.
//!
//! A client that is sent events sees them all, but for those of a status that it passes over, and for repeats if they
//! are nothing to it. One that asks sees the status that the machine shows at that moment, whenever that is another
//! than the one it saw last; every event is silent to it. Replies to its own commands are seen by every client. Nothing
//! more comes for a client that asks if the machine rests and shows what it saw last, or what it passes over.

use std::collections::BTreeMap;

use super::set::Set;
use super::side::{Names, Side};
use super::{Channel, ObserverClass, Repeat, Unknown};
use crate::bdd::TooLarge;

/// The most states of one view. A view can have far more states than the automaton has.
const STATES_MAX: usize = 1 << 16;

/// An automaton in the eyes of a kind of client.
pub(super) struct View<'a> {
    pub(super) side: &'a Side<'a>,
    names: &'a Names,
    class: ObserverClass,
    states: Vec<Seen>,
    index: BTreeMap<(Option<usize>, Set), usize>,
}

/// What a client can know: a state of a view.
pub(super) struct Seen {
    /// The states that the machine may be in.
    pub(super) members: Set,
    /// The status that was seen last, where that matters to the client.
    pub(super) last: Option<usize>,
    /// Whether nothing more may come.
    pub(super) rests: bool,
    /// Events or samples, as label and state of the view, sorted.
    pub(super) outputs: Vec<(usize, usize)>,
    /// Replies, as label and state of the view, sorted.
    pub(super) replies: Vec<(usize, usize)>,
    expanded: bool,
}

impl Seen {
    /// The state of the view after something that is sent.
    pub(super) fn output(&self, label: usize) -> Option<usize> {
        after(&self.outputs, label)
    }

    /// The state of the view after a reply.
    pub(super) fn reply(&self, label: usize) -> Option<usize> {
        after(&self.replies, label)
    }
}

fn after(edges: &[(usize, usize)], label: usize) -> Option<usize> {
    edges.binary_search_by_key(&label, |(label, _)| *label).ok().map(|at| edges[at].1)
}

impl<'a> View<'a> {
    /// The view with its first state, number 0.
    pub(super) fn new(side: &'a Side<'a>, names: &'a Names, class: ObserverClass) -> View<'a> {
        let mut view = View { side, names, class, states: Vec::new(), index: BTreeMap::new() };
        let mut members = Set::empty(side.spots.len());
        members.insert(0);
        view.state(members, None);
        view
    }

    /// A state, with what follows.
    ///
    /// # Errors
    ///
    /// When the view has too many states.
    pub(super) fn seen(&mut self, state: usize) -> Result<&Seen, TooLarge> {
        if !self.states[state].expanded {
            self.expand(state);
        }
        if self.states.len() > STATES_MAX { Err(TooLarge) } else { Ok(&self.states[state]) }
    }

    /// A state that was asked for before.
    pub(super) fn known(&self, state: usize) -> &Seen {
        &self.states[state]
    }

    /// Whether the machine may refuse a command where it is, or where it can come to by itself.
    pub(super) fn may_fail(&self, seen: &Seen, command: usize) -> bool {
        let ahead = seen.members.iter().flat_map(|member| self.side.spots[member].ahead.iter());
        let mut replies = ahead.flat_map(|spot| &self.side.spots[spot].replies);
        replies.any(|(label, _)| self.names.answer(*label) == Some((command, false)))
    }

    /// The state of a client that has just seen this status, wherever the machine shows it; none if it never does.
    pub(super) fn anywhere(&mut self, status: usize) -> Option<usize> {
        let members = match self.class.channel {
            Channel::Events => self.side.entered(self.names.event(status)),
            Channel::Poll => {
                let mut members = Set::empty(self.side.spots.len());
                for (index, _) in self.side.spots.iter().enumerate().filter(|(_, spot)| spot.shows.contains(&status)) {
                    members.insert(index);
                }
                members
            }
        };
        (!members.is_empty()).then(|| self.state(members, Some(status)))
    }

    /// The same state for a client that has seen another status in between.
    pub(super) fn stay(&mut self, state: usize, status: usize) -> usize {
        self.state(self.states[state].members.clone(), Some(status))
    }

    fn expand(&mut self, state: usize) {
        let Seen { members, last, .. } = &self.states[state];
        let (last, count) = (*last, self.side.spots.len());
        let mut next: Vec<Option<Set>> = vec![None; self.names.labels()];
        let mut reach = |label: usize, to: usize| {
            let set = next[label].get_or_insert_with(|| Set::empty(count));
            match self.class.channel {
                Channel::Events => {
                    set.insert(to);
                }
                Channel::Poll => {
                    set.insert_all(&self.side.spots[to].ahead);
                }
            }
        };
        for member in members.iter() {
            let spot = &self.side.spots[member];
            spot.replies.iter().for_each(|(label, to)| reach(*label, *to));
            match self.class.channel {
                Channel::Events => {
                    let seen = spot.events.iter().filter(|(label, _)| !self.is_silent(*label, last));
                    seen.for_each(|(label, to)| reach(*label, *to));
                }
                Channel::Poll => {
                    let seen =
                        spot.shows.iter().filter(|status| Some(**status) != last && !self.is_passed_over(**status));
                    seen.for_each(|status| reach(self.names.event(*status), member));
                }
            }
        }
        let (mut outputs, mut replies) = (Vec::new(), Vec::new());
        for (label, to) in next.into_iter().enumerate() {
            let Some(to) = to else { continue };
            match self.names.shown(label) {
                Some(status) => outputs.push((label, self.state(to, Some(status)))),
                None => replies.push((label, self.state(to, last))),
            }
        }
        let seen = &mut self.states[state];
        (seen.outputs, seen.replies, seen.expanded) = (outputs, replies, true);
    }

    /// Whether the client passes over a status.
    fn is_passed_over(&self, status: usize) -> bool {
        self.class.unknown == Unknown::Skip && !self.names.is_known(status)
    }

    /// Whether a client that is sent events does not notice this one.
    fn is_silent(&self, event: usize, last: Option<usize>) -> bool {
        let Some(status) = self.names.shown(event) else { return false };
        self.is_passed_over(status) || self.class.repeat == Repeat::Skip && last == Some(status)
    }

    /// The number of the state with these members and all that silent steps lead to.
    fn state(&mut self, mut members: Set, last: Option<usize>) -> usize {
        let last = match (self.class.channel, self.class.repeat) {
            (Channel::Events, Repeat::See) => None,
            (Channel::Events, Repeat::Skip) | (Channel::Poll, _) => last,
        };
        self.close(&mut members, last);
        let key = (last, members);
        if let Some(state) = self.index.get(&key) {
            return *state;
        }
        let rests = key.1.iter().any(|member| self.rests(member, last));
        let members = key.1.clone();
        self.states.push(Seen { members, last, rests, outputs: Vec::new(), replies: Vec::new(), expanded: false });
        self.index.insert(key, self.states.len() - 1);
        self.states.len() - 1
    }

    fn close(&self, members: &mut Set, last: Option<usize>) {
        match self.class.channel {
            Channel::Poll => {
                // Steps of the view are closed already; where a client begins or goes on after a difference is not.
                if !members.iter().all(|member| self.side.spots[member].ahead.is_within(members)) {
                    let start = members.clone();
                    start.iter().for_each(|member| {
                        members.insert_all(&self.side.spots[member].ahead);
                    });
                }
            }
            Channel::Events => {
                let mut todo: Vec<usize> = members.iter().collect();
                while let Some(member) = todo.pop() {
                    for (label, to) in &self.side.spots[member].events {
                        if self.is_silent(*label, last) && members.insert(*to) {
                            todo.push(*to);
                        }
                    }
                }
            }
        }
    }

    /// Whether nothing more may come while the machine is in one of its states.
    pub(super) fn rests(&self, member: usize, last: Option<usize>) -> bool {
        let spot = &self.side.spots[member];
        spot.rests
            && match self.class.channel {
                Channel::Events => true,
                Channel::Poll => spot.shows.iter().any(|status| Some(*status) == last || self.is_passed_over(*status)),
            }
    }
}
