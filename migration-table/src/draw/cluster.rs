//! Clusters: the frames from whose border a grouped row is drawn as one edge, and the boxes of shared statuses.
//!
//! Graphviz and Mermaid can draw sets of states only if no two of them overlap halfway. Frames are chosen first, the
//! ones that save most edges before the others; a status that a frame cuts is drawn in the pieces that are left.
//! A set must also be one stretch of the happy path, or its border would bend the straight line.

use std::collections::{BTreeMap, BTreeSet};

use super::figure::{Bundle, Course, Node, Place, States};
use crate::model::{Kind, Machine, StateId, StatusId};

/// A set of states that is drawn with a border.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cluster {
    /// The states within, those of inner clusters too.
    pub(super) states: States,
    /// Set if edges start at the border.
    pub(super) frame: Option<Frame>,
    /// The status that all of them show, if the border says so.
    pub(super) status: Option<StatusId>,
}

/// What is said about a border where edges start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// The name of the group with exactly these states, if there is one.
    pub(super) group: Option<String>,
}

impl Cluster {
    /// An id that is unique among the clusters of a machine and depends on its states alone.
    pub(super) fn id(&self, machine: &Machine) -> String {
        let first = self.states.first().map_or("", |state| machine.state(*state).name.as_str());
        let kind = if self.frame.is_some() { "frame" } else { "status" };
        format!("cluster_{kind}_{first}_{}", self.states.len())
    }
}

/// Chooses the clusters of a machine, outer ones first.
pub(super) fn arrange(machine: &Machine, nodes: &[Node], bundles: &[Bundle<'_>]) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = frames(machine, bundles)
        .into_iter()
        .map(|states| Cluster { frame: Some(Frame { group: group_name(machine, &states) }), status: None, states })
        .collect();
    for (status, states) in shared_statuses(machine, nodes) {
        for piece in pieces(machine, states, &clusters) {
            match clusters.iter_mut().find(|cluster| cluster.states == piece) {
                Some(frame) => frame.status = Some(status),
                None => clusters.push(Cluster { states: piece, frame: None, status: Some(status) }),
            }
        }
    }
    clusters.sort_by(|a, b| (b.states.len(), &a.states).cmp(&(a.states.len(), &b.states)));
    clusters
}

/// The frame from whose border a bundle is drawn: its own, or one that has an edge to the same state anyway.
pub(super) fn frame_of(bundle: &Bundle<'_>, bundles: &[Bundle<'_>], clusters: &[Cluster]) -> Option<usize> {
    if !can_be_framed(bundle) {
        return None;
    }
    let frames = || clusters.iter().enumerate().filter(|(_, cluster)| cluster.frame.is_some());
    let own = frames().find(|(_, cluster)| cluster.states == bundle.from);
    let shared = || {
        frames().find(|(_, cluster)| {
            let is_lent = |other: &Bundle<'_>| lends(other, bundle) && other.from == cluster.states;
            bundles.iter().any(is_lent)
        })
    };
    own.or_else(shared).map(|(index, _)| index)
}

/// Whether rows of the one can be named on the edge of the other: it leaves more states, for the same state.
fn lends(other: &Bundle<'_>, bundle: &Bundle<'_>) -> bool {
    other.to == bundle.to
        && other.course == bundle.course
        && other.from.len() > bundle.from.len()
        && other.from.is_superset(&bundle.from)
}

/// One state needs no frame, and an edge cannot point from a border to what is within.
fn can_be_framed(bundle: &Bundle<'_>) -> bool {
    bundle.course != Course::Path && bundle.from.len() > 1 && !bundle.from.contains(&bundle.to)
}

fn frames(machine: &Machine, bundles: &[Bundle<'_>]) -> Vec<States> {
    let framed = || bundles.iter().filter(|bundle| can_be_framed(bundle));
    let candidates: BTreeSet<&States> =
        framed().map(|bundle| &bundle.from).filter(|states| is_one_stretch(machine, states)).collect();
    let saved = |states: &States| -> usize {
        let own = |bundle: &&Bundle<'_>| bundle.from == *states;
        let lent = |bundle: &&Bundle<'_>| framed().any(|other| other.from == *states && lends(other, bundle));
        framed().filter(|bundle| own(bundle) || lent(bundle)).map(|bundle| bundle.from.len() - 1).sum()
    };
    let mut ranked: Vec<(usize, &States)> = candidates.into_iter().map(|states| (saved(states), states)).collect();
    ranked.sort_by(|a, b| (b.0, a.1).cmp(&(a.0, b.1)));

    let mut chosen: Vec<States> = Vec::new();
    for (_, states) in ranked {
        let is_needed = framed()
            .filter(|bundle| bundle.from == *states)
            .any(|bundle| !framed().any(|other| chosen.contains(&other.from) && lends(other, bundle)));
        if is_needed && chosen.iter().all(|other| !overlap(other, states)) {
            chosen.push(states.clone());
        }
    }
    chosen
}

/// Whether two sets share states although neither holds the other.
fn overlap(a: &States, b: &States) -> bool {
    !a.is_disjoint(b) && !a.is_subset(b) && !b.is_subset(a)
}

fn is_one_stretch(machine: &Machine, states: &States) -> bool {
    stretches(machine, states).len() <= 1
}

/// The states of the set that are on the happy path, cut wherever the path leaves the set.
fn stretches(machine: &Machine, states: &States) -> Vec<States> {
    let mut found: Vec<States> = Vec::new();
    let mut inside = false;
    for state in &machine.happy_path {
        if states.contains(state) {
            if !inside {
                found.push(States::new());
            }
            found.last_mut().expect("a stretch was begun").insert(*state);
        }
        inside = states.contains(state);
    }
    found
}

/// States that show one status. What goes wrong is not boxed with what goes well: a box around both would lift the next
/// step of the happy path off its line.
fn shared_statuses(machine: &Machine, nodes: &[Node]) -> Vec<(StatusId, States)> {
    let mut found: BTreeMap<(StatusId, bool), States> = BTreeMap::new();
    for node in nodes {
        let key = (machine.state(node.state).shows, node.place == Place::Aside);
        found.entry(key).or_default().insert(node.state);
    }
    found.into_iter().filter(|(_, states)| states.len() > 1).map(|((status, _), states)| (status, states)).collect()
}

/// Cuts the states of one status until no frame overlaps a piece and each is one stretch; single states need no box.
fn pieces(machine: &Machine, states: States, frames: &[Cluster]) -> Vec<States> {
    let parts: Vec<States> = match frames.iter().find(|frame| overlap(&frame.states, &states)) {
        Some(frame) => vec![&states & &frame.states, &states - &frame.states],
        None => {
            let mut parts = stretches(machine, &states);
            if parts.len() < 2 {
                return if states.len() > 1 { vec![states] } else { Vec::new() };
            }
            let beside = states.iter().filter(|state| !machine.happy_path.contains(state)).copied().collect();
            parts.push(beside);
            parts
        }
    };
    parts.into_iter().flat_map(|part| pieces(machine, part, frames)).collect()
}

/// The name of the group or the kind that has exactly these states.
fn group_name(machine: &Machine, states: &States) -> Option<String> {
    let group = machine.groups.iter().filter(|group| group.states.iter().eq(states)).map(|group| group.name.as_str());
    let of_kind = |kind: Kind| machine.state_ids().filter(move |id: &StateId| machine.state(*id).kind == kind);
    let kind = Kind::ALL.into_iter().filter(|kind| of_kind(*kind).eq(states.iter().copied())).map(Kind::name);
    group.min().or_else(|| kind.min()).map(str::to_owned)
}
