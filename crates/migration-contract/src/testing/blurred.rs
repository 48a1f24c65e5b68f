//! Machines as clients know them that ask: by what they publish and answer.
//!
//! What a query shows says nothing of what else has happened unseen: a client that asks is promised what may follow the
//! same events and replies, whichever of several statuses or reasons it was shown in between. So everything that a machine
//! may be in after the same stream is one place here, which can show whatever the machine can show there at rest.

use std::collections::{BTreeMap, BTreeSet};

use super::clients::{Client, Seen, Set, driven_side, is_mixed};
use super::plain::{Node, Side, Word, Words};
use crate::compare::{Channel, ObserverClass, Repeat, Unknown};

/// Both sides as clients know them that ask, where that is less than what the machines do.
pub(super) struct Asked {
    pub(super) driven: Side,
    pub(super) old: Side,
}

impl Asked {
    pub(super) fn new(new: &Side, old: &Side, words: &Words) -> Option<Asked> {
        let is_less = is_mixed(new) || is_mixed(old);
        is_less.then(|| Asked { driven: driven_side(&blurred(new), old, words), old: blurred(old) })
    }
}

/// A place: everything in which the machine may be after one stream.
struct Place {
    members: Set,
    next: Vec<(Seen, usize)>,
    /// What it can show at rest.
    shows: BTreeSet<Word>,
}

/// Returns the machine with one place for every stream.
fn blurred(side: &Side) -> Side {
    let places = places(side);
    // A place that can show several things is a node for each, with a node between them.
    let count = |place: &Place| if place.shows.len() > 1 { 1 + place.shows.len() } else { 1 };
    let mut first = vec![0_u32];
    for place in &places {
        first.push(first.last().unwrap() + u32::try_from(count(place)).unwrap());
    }
    let nodes = places.iter().zip(&first).flat_map(|(place, number)| nodes(side, place, *number, &first));
    Side { nodes: nodes.collect(), initial: 0 }
}

fn places(side: &Side) -> Vec<Place> {
    let everything = BTreeSet::new();
    let whole = Client { class: ObserverClass::new(Channel::Events, Unknown::Fail, Repeat::See), known: &everything };
    let start = whole.initial(side);
    let (mut numbers, mut order) = (BTreeMap::from([(start.clone(), 0)]), vec![start]);
    let mut places: Vec<Place> = Vec::new();
    while let Some(members) = order.get(places.len()).cloned() {
        let mut next = Vec::new();
        for (seen, set) in whole.next(side, &members, None).into_iter().filter(|(seen, _)| *seen != Seen::Nothing) {
            let number = numbers.len();
            let to = *numbers.entry(set.clone()).or_insert_with(|| {
                order.push(set);
                number
            });
            next.push((seen, to));
        }
        let resting = members.iter().map(|at| side.node(*at)).filter(|node| !node.is_due);
        let shows = resting.map(|node| node.shows).collect();
        places.push(Place { members, next, shows });
    }
    places
}

fn nodes(side: &Side, place: &Place, number: u32, first: &[u32]) -> Vec<Node> {
    let any = |said: fn(&Node) -> bool| place.members.iter().any(|at| said(side.node(*at)));
    let mut node = Node {
        silent: Vec::new(),
        events: Vec::new(),
        replies: Vec::new(),
        is_due: place.shows.is_empty(),
        shows: place.shows.first().copied().unwrap_or_default(),
        rests: any(|node| node.rests),
        is_trapped: any(|node| node.is_trapped),
        may_be_trapped: any(|node| node.may_be_trapped),
    };
    for (seen, to) in &place.next {
        match seen {
            Seen::Status(status) => node.events.push((*status, first[*to])),
            Seen::Reply(command, class) => node.replies.push((*command, *class, first[*to])),
            Seen::Nothing => {}
        }
    }
    if place.shows.len() < 2 {
        return vec![node];
    }
    let each = number + 1..=number + u32::try_from(place.shows.len()).unwrap();
    let between = Node {
        silent: each.collect(),
        events: Vec::new(),
        replies: Vec::new(),
        is_due: true,
        rests: false,
        ..node.clone()
    };
    node.silent.push(number);
    let shown = place.shows.iter().map(|shows| Node { shows: *shows, ..node.clone() });
    std::iter::once(between).chain(shown).collect()
}
