//! Whether a promise to clients is kept by everything that a machine can show, under every setting.

use std::collections::BTreeSet;

use crate::model::{Anchor, Promise};
use crate::public::{Automaton, Label, Public, PublicGuarantee, Reply};

/// Whether a side keeps a promise. A machine that is not there shows nothing and breaks none.
pub(super) fn is_kept(guarantee: &PublicGuarantee, side: &Public) -> bool {
    let machines = side.machines.iter().filter(|machine| machine.name == guarantee.machine);
    machines.flat_map(|machine| &machine.behaviours).all(|behaviour| match &guarantee.promise {
        Promise::Ends { after, ends } => always_ends(&behaviour.automaton, after, ends),
        Promise::Before { before, comes } => comes_first(&behaviour.automaton, before, comes),
    })
}

/// Whether every attempt from there ends, and shows one of these statuses then, whatever a client does.
fn always_ends(automaton: &Automaton, after: &Anchor, ends: &[String]) -> bool {
    let is_start = |label: &Label| match (label, after) {
        (Label::Event(status), Anchor::Status(name)) => status == name,
        // A command is known by its name, whatever arguments tell it from others.
        (Label::Reply(command, Reply::Success), Anchor::Command(name)) => {
            command.split(' ').next() == Some(name.as_str())
        }
        (Label::Event(_), Anchor::Command(_)) | (Label::Reply(..), Anchor::Status(_)) => false,
        (Label::Reply(_, Reply::Error(_)), Anchor::Command(_)) => false,
    };
    let edges = automaton.spots.iter().flat_map(|spot| &spot.edges);
    let mut todo: Vec<usize> = edges.filter(|(label, _)| is_start(label)).map(|(_, edge)| edge.to).collect();
    let mut seen: BTreeSet<usize> = todo.iter().copied().collect();
    while let Some(at) = todo.pop() {
        let spot = &automaton.spots[at];
        let waits_for_ever = spot.caught && !spot.rests;
        let ends_otherwise = spot.ends && !spot.shows.iter().all(|status| ends.contains(status));
        if waits_for_ever || ends_otherwise {
            return false;
        }
        if !spot.ends {
            todo.extend(spot.edges.values().map(|edge| edge.to).filter(|to| seen.insert(*to)));
        }
    }
    true
}

/// Whether one status is never shown in an attempt that has not shown the other one first.
fn comes_first(automaton: &Automaton, before: &str, comes: &str) -> bool {
    let mut seen = BTreeSet::from([(0, false)]);
    let mut todo = vec![(0, false)];
    while let Some((at, has_come)) = todo.pop() {
        let spot = &automaton.spots[at];
        for (label, edge) in &spot.edges {
            // A new attempt begins where one may be over.
            let has_come = has_come && !spot.ends;
            let has_come = match label {
                Label::Event(status) if status == before && !has_come => return false,
                Label::Event(status) => has_come || status == comes,
                Label::Reply(..) => has_come,
            };
            if seen.insert((edge.to, has_come)) {
                todo.push((edge.to, has_come));
            }
        }
    }
    true
}
