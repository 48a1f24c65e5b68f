//! A plain simulator of clients: what each kind of client can see of a machine, and the nearest place where an old client
//! sees, of a new machine, what it could not see of the old one.
//!
//! It is written from the definition and shares nothing with the projection and the comparison: it follows configurations
//! one by one, and a client is the set of those in which the machine may be after everything that the client has seen.
//!
//! - Replies and events reach a client in one stream. A client that asks sees no events; it sees the status of a machine
//!   that takes commands, whenever it asks.
//! - A client gives a command where, as far as it has seen, the old machine could answer it with success: at once, or, if it
//!   is about to publish something, at the first place behind that where it may answer anything. One that asks gives none
//!   that is always refused in the status that it saw last.
//! - What it then sees of the new machine and could not see of the old one is a difference.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::rc::Rc;

use fixedbitset::FixedBitSet;

use super::plain::{Node, Side, Word};
use crate::compare::{Channel, ObserverClass, Repeat, Unknown};

/// Where a machine may be: places in their order, each once.
pub(super) type Set = Rc<[u32]>;

/// What can be seen next, and where the machine may be then.
pub(super) type Next = Rc<BTreeMap<Seen, Set>>;

/// These places as a set.
pub(super) fn set_of(places: impl IntoIterator<Item = u32>) -> Set {
    let mut places: Vec<u32> = places.into_iter().collect();
    places.sort_unstable();
    places.dedup();
    places.into()
}

/// What a client sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Seen {
    /// A status: an event, or the answer to a query.
    Status(Word),
    /// A command and how it was answered; the class of success is 0.
    Reply(Word, Word),
    /// Nothing more, however long it waits.
    Nothing,
}

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Output,
    Rest,
    Endless,
    Rejected,
    MayBeRejected,
    Early,
    Reason,
}

/// The class of a reply that says success.
pub(super) const SUCCESS: Word = 0;

/// A kind of client that knows these statuses.
#[derive(Clone, Copy)]
pub(super) struct Client<'k> {
    pub(super) class: ObserverClass,
    pub(super) known: &'k BTreeSet<Word>,
}

/// What differs, with the number of steps of the shortest sequence that shows it.
pub(super) type Differences = BTreeMap<(Kind, Seen), usize>;

/// What differs where two machines may be, and where they can be next, with what was seen last.
pub(super) struct Place {
    pub(super) differs: Vec<(Kind, Seen)>,
    pub(super) next: Vec<(Set, Set, Option<Word>, Seen)>,
}

/// The most pairs of sets that are looked at.
pub(super) const PAIRS_MAX: usize = 20_000;

impl Client<'_> {
    /// Whether it passes over a status.
    fn ignores(&self, status: Word) -> bool {
        self.class.unknown == Unknown::Skip && !self.known.contains(&status)
    }

    /// Whether it notices nothing of an event.
    fn misses(&self, status: Word, last: Option<Word>) -> bool {
        self.class.channel == Channel::Poll
            || self.ignores(status)
            || self.class.repeat == Repeat::Skip && last == Some(status)
    }

    /// Adds everything to which the machine can come unseen.
    pub(super) fn closed(&self, side: &Side, places: impl IntoIterator<Item = u32>, last: Option<Word>) -> Set {
        let next = |at: u32| {
            let Node { silent, events, .. } = side.node(at);
            let missed = events.iter().filter(move |(status, _)| self.misses(*status, last)).map(|(_, to)| *to);
            silent.iter().copied().chain(missed)
        };
        reached(side, places, next)
    }

    pub(super) fn initial(&self, side: &Side) -> Set {
        self.closed(side, [side.initial], None)
    }

    /// Everything that can be seen next. A side remembers it: every set comes again with many sets of the other side.
    pub(super) fn next(&self, side: &Side, set: &Set, last: Option<Word>) -> Next {
        side.memory.next((self.class, set.clone(), last), || self.found_next(side, set, last))
    }

    fn found_next(&self, side: &Side, set: &Set, last: Option<Word>) -> BTreeMap<Seen, Set> {
        let mut next: BTreeMap<Seen, Vec<u32>> = BTreeMap::new();
        for at in set.iter() {
            let node = side.node(*at);
            match self.class.channel {
                Channel::Events => {
                    for (status, to) in node.events.iter().filter(|(status, _)| !self.misses(*status, last)) {
                        next.entry(Seen::Status(*status)).or_default().push(*to);
                    }
                }
                Channel::Poll if node.is_due || self.shows_no_more(node, last) => {}
                Channel::Poll => {
                    next.entry(Seen::Status(node.shows)).or_default().push(*at);
                }
            }
            for (command, class, to) in &node.replies {
                next.entry(Seen::Reply(*command, *class)).or_default().push(*to);
            }
            if node.rests && (self.class.channel == Channel::Events || self.shows_no_more(node, last)) {
                next.entry(Seen::Nothing).or_default();
            }
        }
        next.into_iter().map(|(seen, set)| (seen, self.closed(side, set, self.last(seen, last)))).collect()
    }

    /// What it saw last, after one more thing. To one that asks, the same status is news after a reply.
    pub(super) fn last(&self, seen: Seen, last: Option<Word>) -> Option<Word> {
        match (seen, self.class.channel, self.class.repeat) {
            (Seen::Status(_), Channel::Events, Repeat::See) => None,
            (Seen::Status(status), ..) => Some(status),
            (Seen::Reply(..) | Seen::Nothing, Channel::Events, _) => last,
            (Seen::Reply(..) | Seen::Nothing, Channel::Poll, _) => None,
        }
    }

    /// Where the old machine may be after something that the new one has shown. An error of another class than those that
    /// it could give is still an error.
    pub(super) fn behind(
        &self,
        old: &Side,
        before: &BTreeMap<Seen, Set>,
        seen: Seen,
        last: Option<Word>,
    ) -> Option<Set> {
        let same = before.get(&seen).cloned();
        same.or_else(|| match seen {
            Seen::Reply(command, class) if class != SUCCESS => {
                let is_error = |(other, _): &(&Seen, &Set)| matches!(other, Seen::Reply(name, class) if *name == command && *class != SUCCESS);
                let mut all = before.iter().filter(is_error).flat_map(|(_, set)| set.iter().copied()).peekable();
                all.peek().is_some().then(|| self.closed(old, all, self.last(seen, last)))
            }
            Seen::Reply(..) | Seen::Status(_) | Seen::Nothing => None,
        })
    }

    /// Where the machine may be after these things; `None` if it cannot show them. Errors are told from success alone.
    pub(super) fn after(&self, side: &Side, steps: &[Seen]) -> Option<(Set, Option<Word>)> {
        let (mut set, mut last) = (self.initial(side), None);
        for step in steps {
            (set, last) = self.one(side, (&set, last), *step)?;
        }
        Some((set, last))
    }

    /// The same for one thing more.
    pub(super) fn one(
        &self,
        side: &Side,
        (set, last): (&Set, Option<Word>),
        step: Seen,
    ) -> Option<(Set, Option<Word>)> {
        // One that asks sees the same status again and again; once is enough.
        if self.class.channel == Channel::Poll && matches!(step, Seen::Status(status) if last == Some(status)) {
            return Some((set.clone(), last));
        }
        Some((self.behind(side, &self.next(side, set, last), step, last)?, self.last(step, last)))
    }

    /// The commands that it gives, and where the old machine would be after a success. One that asks gives none that is always
    /// refused in the status that it saw last, and right after a reply only what the machine never refuses.
    pub(super) fn given(
        &self,
        old: &Side,
        set: &Set,
        last: Option<Word>,
        are_alike: impl Fn(Word, Word) -> bool,
    ) -> BTreeMap<Word, Set> {
        let mut given = old.memory.driven(set, || driven(old, set)).as_ref().clone();
        let nodes: Vec<&Node> = set.iter().map(|at| old.node(*at)).collect();
        if self.class.channel == Channel::Poll && nodes.iter().any(|node| !node.replies.is_empty()) {
            given.retain(|command, _| {
                let answers = |node: &Node, success: bool| {
                    node.replies.iter().any(|(name, class, _)| name == command && (*class == SUCCESS) == success)
                };
                match last {
                    None => !nodes.iter().any(|node| answers(node, false)),
                    Some(last) => {
                        let mut shown = nodes.iter().filter(|node| are_alike(node.shows, last)).peekable();
                        shown.peek().is_none() || shown.any(|node| answers(node, true))
                    }
                }
            });
        }
        given
    }

    /// Finds everything in which the new machine differs, in the eyes of a client that gives these commands.
    pub(super) fn differences(&self, new: &Side, old: &Side, commands: &BTreeSet<Word>) -> Option<Differences> {
        let mut found = Differences::new();
        let start = (self.initial(new), self.initial(old), None);
        let (mut known, mut todo) = (HashSet::from([start.clone()]), VecDeque::from([(start, 0)]));
        while let Some(((here, there, last), length)) = todo.pop_front() {
            let place = self.place(new, old, (&here, &there, last), commands);
            for difference in place.differs {
                found.entry(difference).or_insert(length + 1);
            }
            for (new, old, last, _) in place.next {
                let next = (new, old, last);
                if known.insert(next.clone()) {
                    todo.push_back((next, length + 1));
                }
            }
            if known.len() > PAIRS_MAX {
                return None;
            }
        }
        Some(found)
    }

    /// Whether an attempt may never end where the machine may be, as far as the client sees: it is trapped, or nothing more may
    /// come. To one that asks, only where this is shown: another machine may show it for ever.
    pub(super) fn may_not_end(&self, side: &Side, set: &Set, shown: Option<Word>) -> bool {
        let is_shown = |node: &Node| shown.is_none_or(|shown| shown == node.shows) || self.ignores(node.shows);
        let waits = |node: &Node| node.rests && (self.class.channel == Channel::Events || is_shown(node));
        set.iter().map(|at| side.node(*at)).any(|node| node.may_be_trapped || waits(node))
    }

    /// Whether the status of a place is no news to the client.
    fn shows_no_more(&self, node: &Node, last: Option<Word>) -> bool {
        last == Some(node.shows) || self.ignores(node.shows)
    }

    /// What differs at once where the new machine may be here and the old one there, and where both can be next.
    pub(super) fn place(
        &self,
        new: &Side,
        old: &Side,
        (here, there, last): (&Set, &Set, Option<Word>),
        commands: &BTreeSet<Word>,
    ) -> Place {
        let (now, before) = (self.next(new, here, last), self.next(old, there, last));
        let mut place = Place { differs: Vec::new(), next: Vec::new() };
        let mut note = |kind, seen| place.differs.push((kind, seen));
        for seen in now.keys().filter(|seen| !before.contains_key(*seen)) {
            match seen {
                Seen::Status(_) => note(Kind::Output, *seen),
                Seen::Nothing => note(Kind::Rest, *seen),
                Seen::Reply(..) => {}
            }
        }
        let mut trapped = here.iter().map(|at| new.node(*at)).filter(|node| node.is_trapped);
        if trapped.any(|node| !self.may_not_end(old, there, Some(node.shows))) {
            note(Kind::Endless, Seen::Nothing);
        }
        let driven = self.given(old, there, last, |one, other| one == other);
        let driven: Vec<Word> = driven.keys().copied().filter(|command| commands.contains(command)).collect();
        let takes = there.iter().any(|at| !old.node(*at).replies.is_empty());
        let answers = here.iter().any(|at| !new.node(*at).replies.is_empty());
        for command in &driven {
            let of = |side: &BTreeMap<Seen, Set>, is_success: bool| -> Vec<Seen> {
                let is_it = |seen: &&Seen| matches!(seen, Seen::Reply(name, class) if name == command && (*class == SUCCESS) == is_success);
                side.keys().filter(is_it).copied().collect()
            };
            let (succeeds, fails) = (of(&now, true), of(&now, false));
            if takes && answers && succeeds.is_empty() {
                note(Kind::Rejected, Seen::Reply(*command, SUCCESS));
            } else if of(&before, false).is_empty() {
                fails.iter().for_each(|seen| note(Kind::MayBeRejected, *seen));
            }
            if !takes {
                succeeds.iter().for_each(|seen| note(Kind::Early, *seen));
            }
        }
        for (seen, set) in now.iter() {
            let goes_on = match seen {
                Seen::Status(_) => true,
                Seen::Reply(command, _) => driven.contains(command),
                Seen::Nothing => false,
            };
            let Some(behind) = self.behind(old, &before, *seen, last).filter(|_| goes_on) else { continue };
            place.next.push((set.clone(), behind, self.last(*seen, last), *seen));
        }
        place
    }
}

/// The commands that the old machine could answer with success, and where it would be then: at once, or, where it is about
/// to publish in whatever place it may be, at the first place behind that where it may answer anything.
fn driven(old: &Side, set: &Set) -> BTreeMap<Word, Set> {
    let mut driven: BTreeMap<Word, Vec<u32>> = BTreeMap::new();
    let (mut known, mut todo) = (BTreeSet::from([set.clone()]), vec![set.clone()]);
    while let Some(set) = todo.pop() {
        for (command, class, to) in set.iter().flat_map(|at| &old.node(*at).replies) {
            if *class == SUCCESS {
                driven.entry(*command).or_default().push(*to);
            }
        }
        if set.iter().all(|at| old.node(*at).replies.is_empty()) {
            let mut next: BTreeMap<Word, Vec<u32>> = BTreeMap::new();
            let unseen = closed_unseen(old, set.iter().copied());
            for (status, to) in unseen.iter().flat_map(|at| &old.node(*at).events) {
                next.entry(*status).or_default().push(*to);
            }
            let next = next.into_values().map(|to| closed_unseen(old, to));
            todo.extend(next.filter(|set| known.insert(set.clone())));
        }
    }
    driven.into_iter().map(|(command, places)| (command, set_of(places))).collect()
}

fn closed_unseen(side: &Side, places: impl IntoIterator<Item = u32>) -> Set {
    reached(side, places, |at| side.node(at).silent.iter().copied())
}

/// These places and all to which the steps lead.
fn reached<I: Iterator<Item = u32>>(
    side: &Side,
    places: impl IntoIterator<Item = u32>,
    next: impl Fn(u32) -> I,
) -> Set {
    let mut reached = FixedBitSet::with_capacity(side.nodes.len());
    let mut todo: Vec<u32> = Vec::new();
    todo.extend(places.into_iter().filter(|at| !reached.put(*at as usize)));
    let mut at = 0;
    while let Some(place) = todo.get(at).copied() {
        todo.extend(next(place).filter(|to| !reached.put(*to as usize)));
        at += 1;
    }
    set_of(todo)
}
