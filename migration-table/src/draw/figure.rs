//! What is drawn of a machine, whatever draws it: the place of each state, and the arrows with their lines of text.
//!
//! Rows become arrows in three steps. A row of the happy path gives its step to the heavy line. What it leaves
//! besides, and every other row, is bundled with the rows between the same states, so that three ways into a failure
//! are one arrow with three words on it. Bundles that leave several states are then drawn from the border of a frame
//! (see [`super::cluster`]) or, where no frame can stand, from each of the states.

use std::collections::{BTreeMap, BTreeSet};

use super::cluster::{self, Bundles, Cluster};
use crate::model::{Kind, Machine, Row, StateId};

/// A set of states that an arrow leaves or a cluster holds.
pub(super) type States = BTreeSet<StateId>;

/// Everything that is drawn of one machine.
pub(super) struct Figure<'m> {
    /// What becomes of each state, by its index.
    pub(super) nodes: Vec<Node>,
    /// Frames and boxes; no two overlap unless one is inside the other. Outer ones come first.
    pub(super) clusters: Vec<Cluster>,
    /// The arrows, in the order of their courses, then of the states that they join.
    pub(super) arrows: Vec<Arrow<'m>>,
}

/// How one state is drawn.
pub(super) struct Node {
    /// The state.
    pub(super) state: StateId,
    /// Where it belongs in the picture.
    pub(super) place: Place,
    /// Whether a client notices that the machine enters it.
    pub(super) public: bool,
}

/// Where a state belongs in the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// On the straight line of the happy path.
    Path,
    /// Beside it: from here the machine can come back to the path within the attempt.
    Detour,
    /// Below it: the attempt goes wrong or was given up.
    Aside,
}

/// One arrow of the picture.
pub(super) struct Arrow<'m> {
    /// Where it starts.
    pub(super) tail: Tail,
    /// The state that it points to.
    pub(super) to: StateId,
    /// What it is to the reader.
    pub(super) course: Course,
    /// The rows that it stands for, each with the states that it stands for them in.
    pub(super) rows: Vec<RowIn<'m>>,
}

/// A row, and the states in which an arrow stands for it.
pub(super) type RowIn<'m> = (&'m Row, States);

/// Where an arrow starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tail {
    /// At a state.
    State(StateId),
    /// At the border of a cluster, by its index in [`Figure::clusters`].
    Cluster(usize),
}

/// What an arrow is to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Course {
    /// A step of the happy path.
    Path,
    /// Another way on.
    Forward,
    /// A failure or a cancel, or what follows from one.
    Aside,
    /// A new attempt from where an earlier one ended.
    Again,
}

/// Rows that leave the same states for the same state.
pub(super) struct Bundle<'m> {
    pub(super) from: States,
    pub(super) to: StateId,
    pub(super) course: Course,
    pub(super) rows: Vec<&'m Row>,
}

impl<'m> Figure<'m> {
    /// Decides what is drawn of a machine.
    pub(super) fn new(machine: &'m Machine) -> Figure<'m> {
        let nodes = nodes(machine);
        let bundles = bundles(machine, &nodes);
        let by_state = Bundles::new(&bundles);
        let clusters = cluster::arrange(machine, &nodes, &by_state);
        let arrows = arrows(&bundles, &by_state, &clusters);
        Figure { nodes, clusters, arrows }
    }

    /// The node of a state.
    pub(super) fn node(&self, state: StateId) -> &Node {
        &self.nodes[state.index()]
    }
}

fn nodes(machine: &Machine) -> Vec<Node> {
    let returning = returning(machine);
    let entered: States = machine.rows.iter().filter(|row| row.public).map(|row| row.to).collect();
    let path: States = machine.happy_path.iter().copied().collect();
    let node = |state: StateId| {
        let place = if path.contains(&state) {
            Place::Path
        } else if returning.contains(&state) || machine.happy_path.is_empty() || state == machine.initial {
            Place::Detour
        } else {
            Place::Aside
        };
        Node { state, place, public: entered.contains(&state) || state == machine.initial }
    };
    machine.state_ids().map(node).collect()
}

/// The states from which the happy path can be reached without an idle state between, which would be a new attempt.
fn returning(machine: &Machine) -> States {
    let idle = |state: &StateId| machine.state(*state).kind == Kind::Idle;
    let last = machine.happy_path.last().copied();
    let mut entering: BTreeMap<StateId, Vec<StateId>> = BTreeMap::new();
    for row in &machine.rows {
        entering.entry(row.to).or_default().extend(row.from.iter().filter(|state| !idle(state)));
    }
    let mut found = States::new();
    let mut todo: Vec<StateId> = machine.happy_path.iter().copied().filter(|state| !idle(state)).chain(last).collect();
    while let Some(state) = todo.pop() {
        if found.insert(state) {
            todo.extend(entering.get(&state).into_iter().flatten());
        }
    }
    found
}

fn bundles<'m>(machine: &'m Machine, nodes: &[Node]) -> Vec<Bundle<'m>> {
    let mut found: BTreeMap<(Course, Vec<StateId>, StateId), Vec<&'m Row>> = BTreeMap::new();
    let mut before: BTreeMap<StateId, Vec<StateId>> = BTreeMap::new();
    for step in machine.happy_path.windows(2) {
        before.entry(step[1]).or_default().push(step[0]);
    }
    for row in &machine.rows {
        let mut rest: States = row.from.iter().copied().collect();
        for from in before.get(&row.to).into_iter().flatten() {
            if rest.remove(from) {
                found.entry((Course::Path, vec![*from], row.to)).or_default().push(row);
            }
        }
        let idle = |state: StateId| machine.state(state).kind == Kind::Idle;
        let (again, rest): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|state| idle(*state) && *state != machine.initial && !idle(row.to));
        let aside = |state: &StateId| nodes[state.index()].place == Place::Aside;
        let course = if aside(&row.to) || (!rest.is_empty() && rest.iter().all(aside)) {
            Course::Aside
        } else {
            Course::Forward
        };
        for (course, from) in [(Course::Again, again), (course, rest)] {
            if !from.is_empty() {
                found.entry((course, from, row.to)).or_default().push(row);
            }
        }
    }
    let bundle = |((course, from, to), rows): ((Course, Vec<StateId>, StateId), Vec<&'m Row>)| Bundle {
        from: from.into_iter().collect(),
        to,
        course,
        rows: in_order(rows),
    };
    found.into_iter().map(bundle).collect()
}

/// Rows in an order that does not depend on the table's: the strongest first.
fn in_order(mut rows: Vec<&Row>) -> Vec<&Row> {
    rows.sort_by(|a, b| (a.rank, &a.cubes, &a.sends, a.drops).cmp(&(b.rank, &b.cubes, &b.sends, b.drops)));
    rows
}

fn arrows<'m>(bundles: &[Bundle<'m>], by_state: &Bundles<'_, 'm>, clusters: &[Cluster]) -> Vec<Arrow<'m>> {
    let frames = cluster::frames_of(clusters);
    let mut found: BTreeMap<(Course, Tail, StateId), Vec<RowIn<'m>>> = BTreeMap::new();
    // The largest first, so that the words for the whole of a frame come before those for a part of it.
    let mut ordered: Vec<&Bundle<'m>> = bundles.iter().collect();
    ordered.sort_by_key(|bundle| std::cmp::Reverse(bundle.from.len()));
    for bundle in ordered {
        let tails = match cluster::frame_of(bundle, by_state, &frames) {
            Some(frame) => vec![(Tail::Cluster(frame), bundle.from.clone())],
            None => bundle.from.iter().map(|state| (Tail::State(*state), States::from([*state]))).collect(),
        };
        for (tail, states) in tails {
            let rows = bundle.rows.iter().map(|row| (*row, states.clone()));
            found.entry((bundle.course, tail, bundle.to)).or_default().extend(rows);
        }
    }
    found.into_iter().map(|((course, tail, to), rows)| Arrow { tail, to, course, rows }).collect()
}
