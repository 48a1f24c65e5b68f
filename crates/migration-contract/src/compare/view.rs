//! An automaton in the eyes of a kind of client.
//!
//! What a client does not see is a silent step; the view is made deterministic again, a state at a time as the walk
//! asks for it. A state of it is the set of states that the machine may be in, and the status that the client has seen
//! last. Nothing is approximated: a view shows exactly the sequences that such a client can see.
//!
//! A client that is sent events sees them all, but for those of a status that it passes over, and for repeats if they
//! are nothing to it. One that asks sees the status that the machine shows at that moment, whenever that is another
//! than the one it saw last; every event is silent to it. Replies to its own commands are seen by every client. After a
//! reply, the same status once more is news to a client that asks: the command has shown no effect yet. Nothing
//! more comes for a client that asks if the machine rests and shows what it saw last, or what it passes over. A status
//! that it is shown tells it where the machine is not: see [`Query`](crate::public::Query).
//!
//! One that asks may have the same states before it after any of many statuses. What can come then is the same but for
//! the status that it saw last, and is computed once for all of them.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use fixedbitset::FixedBitSet;

use super::indexed::Indexed;
use super::indexed_state::IndexedState;
use super::names::Names;
use super::observer::ObserverClass;
use migration_table::bdd::TooLarge;
use migration_table::model::{Channel, Repeat, Unknown};
use migration_table::search;

/// The most states of one view. A view can have far more states than the automaton has.
const STATES_MAX: usize = 1 << 16;

/// An automaton in the eyes of a kind of client.
pub(super) struct View<'a> {
    pub(super) automaton: &'a Indexed<'a>,
    names: &'a Names,
    class: ObserverClass,
    states: Vec<ViewState>,
    /// The sets of members that have come up, and the numbers of those with a hash.
    sets: Vec<Rc<FixedBitSet>>,
    numbers: BTreeMap<u64, Vec<usize>>,
    /// The states by the number of their members; by the status that was seen last, behind none.
    index: Vec<Vec<Option<usize>>>,
    /// What can come in a set: by its number, and by the status that was seen last where that matters.
    moves: BTreeMap<(usize, Option<usize>), Rc<Moves>>,
}

/// What can come, as label and the number of the set of members then, sorted.
type Moves = Vec<(usize, usize)>;

/// What a client can know: a state of a view.
pub(super) struct ViewState {
    /// The states that the machine may be in.
    pub(super) members: Rc<FixedBitSet>,
    /// The number of these.
    set: usize,
    /// The status that was seen last, where that matters to the client.
    pub(super) last: Option<usize>,
    /// Whether nothing more may come.
    pub(super) rests: bool,
    /// Events or samples, as label and state of the view, sorted.
    pub(super) outputs: Vec<(usize, usize)>,
    /// Replies, as label and state of the view, sorted.
    pub(super) replies: Vec<(usize, usize)>,
    /// Whether a client that asks gives a command here, by its number.
    given: OnceCell<Vec<bool>>,
    expanded: bool,
}

impl ViewState {
    /// The state of the view after something that is sent.
    pub(super) fn output(&self, label: usize) -> Option<usize> {
        after(&self.outputs, label)
    }

    /// The state of the view after either.
    pub(super) fn after(&self, label: usize) -> Option<usize> {
        self.output(label).or_else(|| self.reply(label))
    }

    /// The state of the view after a reply.
    pub(super) fn reply(&self, label: usize) -> Option<usize> {
        after(&self.replies, label)
    }
}

/// The same for equal sets, and hardly ever for others: the multiplicative hash of Fx.
fn hash(members: &FixedBitSet) -> u64 {
    let word = |hash: u64, word: &usize| (hash.rotate_left(5) ^ *word as u64).wrapping_mul(0x517c_c1b7_2722_0a95);
    members.as_slice().iter().fold(0, word)
}

/// Where a label leads.
pub(super) fn after(edges: &[(usize, usize)], label: usize) -> Option<usize> {
    edges.binary_search_by_key(&label, |(label, _)| *label).ok().map(|at| edges[at].1)
}

impl<'a> View<'a> {
    /// The view with its first state, number 0.
    pub(super) fn new(automaton: &'a Indexed<'a>, names: &'a Names, class: ObserverClass) -> View<'a> {
        let (states, sets, index) = (Vec::new(), Vec::new(), Vec::new());
        let (numbers, moves) = (BTreeMap::new(), BTreeMap::new());
        let mut view = View { automaton, names, class, states, sets, numbers, index, moves };
        let mut members = FixedBitSet::with_capacity(automaton.states.len());
        members.insert(0);
        view.begin(members, None);
        view
    }

    /// A state, with what follows.
    ///
    /// # Errors
    ///
    /// When the view has too many states.
    pub(super) fn seen(&mut self, state: usize) -> Result<&ViewState, TooLarge> {
        if !self.states[state].expanded {
            self.expand(state);
        }
        if self.states.len() > STATES_MAX { Err(TooLarge) } else { Ok(&self.states[state]) }
    }

    /// A state that was asked for before.
    pub(super) fn known(&self, state: usize) -> &ViewState {
        &self.states[state]
    }

    /// Whether a client gives a command. One that asks gives none that is always refused in the status that it saw last,
    /// although the machine may have left it; and right after a reply only what the machine never refuses.
    pub(super) fn may_give(&self, state: usize, command: usize) -> bool {
        if self.class.channel == Channel::Events {
            return true;
        }
        let seen = &self.states[state];
        *seen.given.get_or_init(|| self.given(seen)).get(command).unwrap_or(&true)
    }

    /// Whether a client that asks gives a command, by its number.
    fn given(&self, seen: &ViewState) -> Vec<bool> {
        let there = || seen.members.ones().map(|member| &self.automaton.states[member]);
        let answers = |state: &'a IndexedState| state.replies.iter().filter_map(|(label, _)| self.names.answer(*label));
        let commands = self.names.commands();
        let Some(last) = seen.last else {
            let mut given = vec![true; commands];
            there().flat_map(answers).filter(|(_, success)| !success).for_each(|(command, _)| given[command] = false);
            return given;
        };
        let is_shown = |state: &&IndexedState| state.shows.iter().any(|shown| self.names.are_alike(*shown, last));
        // Behind an assumed step the old machine may not show it.
        let mut given = vec![!there().any(|state| is_shown(&state)); commands];
        let shown = there().filter(is_shown).flat_map(answers);
        shown.filter(|(_, success)| *success).for_each(|(command, _)| given[command] = true);
        given
    }

    /// Returns how commands are answered by a machine that is about to publish something, once it has: by command, the
    /// states behind a success. Nothing if it takes commands at once.
    pub(super) fn successes_ahead(&self, seen: &ViewState) -> BTreeMap<usize, FixedBitSet> {
        let states = &self.automaton.states;
        let mut found = BTreeMap::new();
        if !seen.replies.is_empty() {
            return found;
        }
        let about_to = |state: &usize| {
            let here = &states[*state];
            let events = if here.replies.is_empty() { here.events.as_slice() } else { &[] };
            events.iter().map(|(_, to)| *to)
        };
        for state in search::reachable(seen.members.ones(), about_to) {
            for (label, to) in &states[state].replies {
                if let Some((command, true)) = self.names.answer(*label) {
                    let count = states.len();
                    found.entry(command).or_insert_with(|| FixedBitSet::with_capacity(count)).insert(*to);
                }
            }
        }
        found
    }

    /// The state of a client to which the machine may be in any of these states.
    pub(super) fn among(&mut self, members: FixedBitSet, last: Option<usize>) -> usize {
        self.begin(members, last)
    }

    /// The state of a client that may be in any of these states, in all of which it has seen the same last. `None` for
    /// an empty list.
    pub(super) fn any_of(&mut self, states: &[usize]) -> Option<usize> {
        let last = self.states[*states.first()?].last;
        let mut members = FixedBitSet::with_capacity(self.automaton.states.len());
        states.iter().for_each(|state| members.union_with(&self.states[*state].members));
        Some(self.begin(members, last))
    }

    /// The state of a client that has just seen this status, wherever the machine shows it and for whatever reason; none if
    /// it never does.
    pub(super) fn anywhere(&mut self, status: usize) -> Option<usize> {
        let members = match self.class.channel {
            Channel::Events => self.automaton.entered(self.names, status),
            Channel::Poll => {
                let states = &self.automaton.states;
                let mut members = FixedBitSet::with_capacity(states.len());
                let asked = states.iter().flat_map(|state| &state.asked);
                let alike = asked.filter(|(shown, _)| self.names.are_alike(*shown, status));
                members.extend(alike.map(|(_, to)| *to));
                members
            }
        };
        (!members.is_clear()).then(|| self.begin(members, Some(status)))
    }

    /// What can be shown in a state with this status, whatever the reason: labels and states.
    pub(super) fn alike(&self, state: usize, status: usize) -> Vec<(usize, usize)> {
        let is_alike = |label: usize| self.names.shown(label).is_some_and(|shown| self.names.are_alike(shown, status));
        self.states[state].outputs.iter().copied().filter(|(label, _)| is_alike(*label)).collect()
    }

    /// The state of a client that cannot tell some states apart and has just seen this status.
    pub(super) fn together(&mut self, states: impl IntoIterator<Item = usize>, status: usize) -> usize {
        let mut members = FixedBitSet::with_capacity(self.automaton.states.len());
        states.into_iter().for_each(|state| members.union_with(&self.states[state].members));
        self.begin(members, Some(status))
    }

    /// The same state for a client that has seen another status in between.
    pub(super) fn stay(&mut self, state: usize, status: usize) -> usize {
        self.begin(FixedBitSet::clone(&self.states[state].members), Some(status))
    }

    fn expand(&mut self, state: usize) {
        let ViewState { set, last, .. } = self.states[state];
        let (mut outputs, mut replies) = (Vec::new(), Vec::new());
        for (label, to) in self.moves(set, last).iter().copied() {
            match self.names.shown(label) {
                Some(status) if self.class.channel == Channel::Poll && Some(status) == last => {}
                Some(status) => outputs.push((label, self.state(to, Some(status)))),
                None => {
                    let last = last.filter(|_| self.class.channel == Channel::Events);
                    replies.push((label, self.state(to, last)));
                }
            }
        }
        let seen = &mut self.states[state];
        (seen.outputs, seen.replies, seen.expanded) = (outputs, replies, true);
    }

    /// What can come in a set of states. For a client that asks the status that it saw last is among it.
    fn moves(&mut self, set: usize, last: Option<usize>) -> Rc<Moves> {
        let key = match self.class.channel {
            Channel::Events => (set, last),
            Channel::Poll => (set, None),
        };
        if let Some(moves) = self.moves.get(&key) {
            return Rc::clone(moves);
        }
        let mut moves = Vec::new();
        for (label, to) in self.next(set, last).into_iter().enumerate() {
            let Some(mut to) = to else { continue };
            if self.class.channel == Channel::Events {
                self.close(&mut to, self.names.shown(label).or(last));
            }
            moves.push((label, self.number(to)));
        }
        let moves = Rc::new(moves);
        self.moves.insert(key, Rc::clone(&moves));
        moves
    }

    /// By label, where the machine is then; for a client that asks with all that events lead to.
    fn next(&self, set: usize, last: Option<usize>) -> Vec<Option<FixedBitSet>> {
        let count = self.automaton.states.len();
        let mut next: Vec<Option<FixedBitSet>> = vec![None; self.names.labels()];
        let mut reach = |label: usize, to: usize| {
            let set = next[label].get_or_insert_with(|| FixedBitSet::with_capacity(count));
            match self.class.channel {
                Channel::Events => set.insert(to),
                // What is ahead of a state is in a set of such states with it.
                Channel::Poll if set.contains(to) => {}
                Channel::Poll => set.union_with(&self.automaton.states[to].ahead),
            }
        };
        for member in self.sets[set].ones() {
            let state = &self.automaton.states[member];
            state.replies.iter().for_each(|(label, to)| reach(*label, *to));
            match self.class.channel {
                Channel::Events => {
                    let seen = state.events.iter().filter(|(label, _)| !self.is_silent(*label, last));
                    seen.for_each(|(label, to)| reach(*label, *to));
                }
                Channel::Poll => {
                    let seen = state.asked.iter().filter(|(status, _)| !self.is_passed_over(*status));
                    seen.for_each(|(status, to)| reach(self.names.event(*status), *to));
                }
            }
        }
        next
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
    fn begin(&mut self, mut members: FixedBitSet, last: Option<usize>) -> usize {
        self.close(&mut members, last);
        let set = self.number(members);
        self.state(set, last)
    }

    /// The number of a set of members.
    fn number(&mut self, members: FixedBitSet) -> usize {
        // Sets are much dearer to compare than numbers.
        let alike = self.numbers.entry(hash(&members)).or_default();
        if let Some(number) = alike.iter().find(|number| *self.sets[**number] == members) {
            return *number;
        }
        let number = self.sets.len();
        alike.push(number);
        self.sets.push(Rc::new(members));
        self.index.push(vec![None; self.names.statuses() + 1]);
        number
    }

    /// The number of the state with these members, to which silent steps add nothing.
    fn state(&mut self, set: usize, last: Option<usize>) -> usize {
        let last = match (self.class.channel, self.class.repeat) {
            (Channel::Events, Repeat::See) => None,
            (Channel::Events, Repeat::Skip) | (Channel::Poll, _) => last,
        };
        let place = last.map_or(0, |status| status + 1);
        if let Some(state) = self.index[set][place] {
            return state;
        }
        let members = Rc::clone(&self.sets[set]);
        let rests = members.ones().any(|member| self.rests(member, last));
        let (outputs, replies) = (Vec::new(), Vec::new());
        let given = OnceCell::new();
        self.states.push(ViewState { members, set, last, rests, outputs, replies, given, expanded: false });
        self.index[set][place] = Some(self.states.len() - 1);
        self.states.len() - 1
    }

    fn close(&self, members: &mut FixedBitSet, last: Option<usize>) {
        match self.class.channel {
            Channel::Poll => {
                let start = std::mem::replace(members, FixedBitSet::with_capacity(self.automaton.states.len()));
                for member in start.ones() {
                    if !members.contains(member) {
                        members.union_with(&self.automaton.states[member].ahead);
                    }
                }
            }
            Channel::Events => {
                let mut todo: Vec<usize> = members.ones().collect();
                while let Some(member) = todo.pop() {
                    for (label, to) in &self.automaton.states[member].events {
                        if self.is_silent(*label, last) && !members.put(*to) {
                            todo.push(*to);
                        }
                    }
                }
            }
        }
    }

    /// Whether nothing more may come in a state of the view, so that an attempt may be there for ever as far as a client sees. To
    /// one that asks, only where one of these statuses is shown: another machine may show it for ever.
    pub(super) fn waits(&self, seen: &ViewState, shown: &[usize]) -> bool {
        let mut states = seen.members.ones().map(|member| &self.automaton.states[member]);
        let is_shown = |status: &usize| shown.contains(status) || self.is_passed_over(*status);
        states.any(|state| match self.class.channel {
            Channel::Events => state.rests,
            Channel::Poll => state.resting.iter().any(is_shown),
        })
    }

    /// Whether nothing more may come while the machine is in one of its states.
    pub(super) fn rests(&self, member: usize, last: Option<usize>) -> bool {
        let state = &self.automaton.states[member];
        match self.class.channel {
            Channel::Events => state.rests,
            Channel::Poll => state.resting.iter().any(|status| Some(*status) == last || self.is_passed_over(*status)),
        }
    }
}
