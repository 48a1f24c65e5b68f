//! Clusters: the frames from whose border a grouped row is drawn as one edge, and the boxes of shared statuses.
//!
//! Graphviz and Mermaid can draw sets of states only if no two of them overlap halfway. Frames are chosen first, the
//! ones that save most edges before the others; a status that a frame cuts is drawn in the pieces that are left.
//! A set must also be one stretch of the happy path, or its border would bend the straight line.

use std::collections::{BTreeMap, BTreeSet};

use super::bundle::{Bundle, Node, States};
use super::figure::{Course, Place};
use migration_table::model::{Kind, Machine, StateId, StatusId};

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
    /// An id that is unique among the clusters of a machine and depends on the ids of its states alone.
    pub(super) fn id<'i>(&self, id_of: impl Fn(StateId) -> &'i str) -> String {
        let first = self.states.first().map_or("", |state| id_of(*state)).replace('-', "_");
        let kind = if self.frame.is_some() { "frame" } else { "status" };
        format!("cluster_{kind}_{first}_{}", self.states.len())
    }
}

/// Chooses the clusters of a machine, outer ones first.
pub(super) fn arrange(machine: &Machine, nodes: &[Node], bundles: &Bundles<'_>) -> Vec<Cluster> {
    let names = names(machine);
    let frames = frames(machine, bundles);
    let mut statuses: BTreeMap<States, StatusId> = BTreeMap::new();
    for (status, states) in shared_statuses(machine, nodes) {
        statuses.extend(pieces(machine, states, &frames).into_iter().map(|piece| (piece, status)));
    }
    let framed = frames.into_iter().map(|states| {
        let group = names.get(&states).map(|name| (*name).to_owned());
        Cluster { frame: Some(Frame { group }), status: statuses.remove(&states), states }
    });
    let mut clusters: Vec<Cluster> = framed.collect();
    clusters.extend(statuses.into_iter().map(|(states, status)| Cluster { states, frame: None, status: Some(status) }));
    clusters.sort_by(|a, b| (b.states.len(), &a.states).cmp(&(a.states.len(), &b.states)));
    clusters
}

/// The bundles of a figure, and by each state those that leave it.
pub(super) struct Bundles<'b> {
    all: &'b [Bundle],
    leaving: BTreeMap<StateId, Vec<&'b Bundle>>,
}

impl<'b> Bundles<'b> {
    pub(super) fn new(all: &'b [Bundle]) -> Self {
        let mut leaving: BTreeMap<StateId, Vec<&Bundle>> = BTreeMap::new();
        for bundle in all {
            bundle.from.iter().for_each(|state| leaving.entry(*state).or_default().push(bundle));
        }
        Bundles { all, leaving }
    }

    /// Those that can be drawn from a border.
    fn framed(&self) -> impl Iterator<Item = &'b Bundle> {
        self.all.iter().filter(|bundle| can_be_framed(bundle))
    }

    /// Those on whose edge the rows of a bundle can be named.
    fn lenders(&self, bundle: &Bundle) -> impl Iterator<Item = &'b Bundle> {
        let all = bundle.from.first().and_then(|state| self.leaving.get(state));
        all.into_iter().flatten().copied().filter(|other| lends(other, bundle))
    }
}

/// The frames among the clusters, by their states.
pub(super) fn frames_of(clusters: &[Cluster]) -> BTreeMap<&States, usize> {
    let frames = clusters.iter().enumerate().filter(|(_, cluster)| cluster.frame.is_some());
    frames.map(|(index, cluster)| (&cluster.states, index)).collect()
}

/// The frame from whose border a bundle is drawn: its own, or one that has an edge to the same state anyway.
pub(super) fn frame_of(bundle: &Bundle, bundles: &Bundles<'_>, frames: &BTreeMap<&States, usize>) -> Option<usize> {
    if bundle.course == Course::Path {
        return None;
    }
    let own = frames.get(&bundle.from).copied().filter(|_| can_be_framed(bundle));
    own.or_else(|| bundles.lenders(bundle).filter_map(|other| frames.get(&other.from).copied()).min())
}

/// Whether rows of the one can leave the border of the other: it leaves more states, for the same state. What a view says
/// different things of are two edges then, but from one border.
fn lends(other: &Bundle, bundle: &Bundle) -> bool {
    other.to == bundle.to
        && other.course == bundle.course
        && other.from.len() > bundle.from.len()
        && other.from.is_superset(&bundle.from)
}

/// One state needs no frame, and an edge cannot point from a border to what is within.
fn can_be_framed(bundle: &Bundle) -> bool {
    bundle.course != Course::Path && bundle.from.len() > 1 && !bundle.from.contains(&bundle.to)
}

fn frames(machine: &Machine, bundles: &Bundles<'_>) -> Vec<States> {
    let mut own: BTreeMap<&States, Vec<&Bundle>> = BTreeMap::new();
    let mut saved: BTreeMap<&States, usize> = BTreeMap::new();
    for bundle in bundles.framed() {
        own.entry(&bundle.from).or_default().push(bundle);
        let lenders = bundles.lenders(bundle).filter(|other| can_be_framed(other));
        for states in lenders.map(|other| &other.from).chain([&bundle.from]) {
            *saved.entry(states).or_default() += bundle.from.len() - 1;
        }
    }
    let candidates = saved.into_iter().filter(|(states, _)| is_one_stretch(machine, states));
    let mut ranked: Vec<(&States, usize)> = candidates.collect();
    ranked.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));

    let mut chosen: BTreeSet<&States> = BTreeSet::new();
    let mut around: BTreeMap<StateId, Vec<&States>> = BTreeMap::new();
    for (states, _) in ranked {
        let lenders = |bundle: &&Bundle| {
            bundles.lenders(bundle).any(|other| can_be_framed(other) && chosen.contains(&other.from))
        };
        let is_needed = own[states].iter().any(|bundle| !lenders(bundle));
        let neighbours = states.iter().filter_map(|state| around.get(state)).flatten();
        if is_needed && neighbours.into_iter().all(|other| !overlap(other, states)) {
            chosen.insert(states);
            states.iter().for_each(|state| around.entry(*state).or_default().push(states));
        }
    }
    chosen.into_iter().cloned().collect()
}

/// Whether two sets share states although neither holds the other.
fn overlap(a: &States, b: &States) -> bool {
    !a.is_disjoint(b) && !a.is_subset(b) && !b.is_subset(a)
}

fn is_one_stretch(machine: &Machine, states: &States) -> bool {
    stretches(machine, states).len() <= 1
}

/// The states of the set that are on the happy path, cut wherever the path leaves the set; disjoint, since a path that ends
/// where it began is left off there.
fn stretches(machine: &Machine, states: &States) -> Vec<States> {
    let mut found: Vec<States> = Vec::new();
    let (mut inside, mut passed) = (false, States::new());
    for state in machine.happy_path.iter().filter(|state| passed.insert(**state)) {
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
fn pieces(machine: &Machine, states: States, frames: &[States]) -> Vec<States> {
    let mut found = Vec::new();
    let mut todo = cut(states, frames);
    while let Some(piece) = todo.pop() {
        let mut parts = stretches(machine, &piece);
        if parts.len() < 2 {
            found.extend((piece.len() > 1).then_some(piece));
            continue;
        }
        let on_path: States = parts.iter().flatten().copied().collect();
        parts.push(&piece - &on_path);
        todo.extend(parts.into_iter().flat_map(|part| cut(part, frames)));
    }
    found
}

/// Cuts a set wherever a frame holds a part of it and of others too. No two frames overlap, so one pass is enough.
fn cut(states: States, frames: &[States]) -> Vec<States> {
    let mut piece_of: BTreeMap<StateId, usize> = states.iter().map(|state| (*state, 0)).collect();
    let mut pieces = vec![states];
    for frame in frames {
        let mut shared: BTreeMap<usize, States> = BTreeMap::new();
        for state in frame {
            piece_of.get(state).map(|piece| shared.entry(*piece).or_default().insert(*state));
        }
        for (piece, shared) in shared {
            if shared.len() < frame.len() && shared.len() < pieces[piece].len() {
                for state in &shared {
                    pieces[piece].remove(state);
                    piece_of.insert(*state, pieces.len());
                }
                pieces.push(shared);
            }
        }
    }
    pieces
}

/// The names of the groups and kinds, by their states; the first of several.
fn names(machine: &Machine) -> BTreeMap<States, &str> {
    let of_kind =
        |kind: Kind| machine.state_ids().filter(move |id: &StateId| machine.state(*id).kind == kind).collect();
    let mut kinds = Kind::ALL.map(|kind| (of_kind(kind), kind.name()));
    kinds.sort_by(|a, b| b.1.cmp(a.1));
    let groups = machine.groups.iter().map(|group| (group.states.iter().copied().collect(), group.name.as_str()));
    let mut groups: Vec<(States, &str)> = groups.collect();
    groups.sort_by(|a, b| b.1.cmp(a.1));
    // What comes later wins: a group before a kind, and the first by name.
    kinds.into_iter().chain(groups).collect()
}
