//! How a machine is drawn: the place of each state, and which rows are one arrow.
//!
//! Rows become arrows in three steps. A row of the happy path gives its step to the heavy line. What it leaves
//! besides, and every other row, is bundled with the rows between the same states, so that three ways into a failure
//! are one arrow with three words on it. Bundles that leave several states are then drawn from the border of a frame
//! (see [`super::cluster`]) or, where no frame can stand, from each of the states.

use std::collections::BTreeMap;

pub(super) use super::bundle::{Attempts, Node, States};
use super::bundle::{Bundle, bundles};
use super::cluster::{self, Bundles, Cluster};
use super::failure;
use super::figure::{Course, Mark, Place};
use migration_table::model::{Machine, StateId};

/// Everything that is drawn of one machine.
pub(super) struct Plan {
    /// What becomes of each state, by its index.
    pub(super) nodes: Vec<Node>,
    /// Frames and boxes; no two overlap unless one is inside the other. Outer ones come first.
    pub(super) clusters: Vec<Cluster>,
    /// The arrows, in the order of their courses, then of the states that they join.
    pub(super) arrows: Vec<Arrow>,
}

/// One arrow of the picture.
pub(super) struct Arrow {
    /// Where it starts.
    pub(super) tail: Tail,
    /// The state that it points to.
    pub(super) to: StateId,
    /// What it is to the reader.
    pub(super) course: Course,
    /// What its rows have in common, where rows are kept apart by that.
    pub(super) mark: Mark,
    /// The rows that it stands for, each with the states that it stands for them in.
    pub(super) rows: Vec<RowIn>,
}

/// A row, by its index, and the states in which an arrow stands for it.
pub(super) type RowIn = (usize, States);

/// Where an arrow starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tail {
    /// At a state.
    State(StateId),
    /// At the border of a cluster, by its index in [`Plan::clusters`].
    Cluster(usize),
}

impl Plan {
    /// Decides what is drawn of a machine.
    ///
    /// Rows are one arrow only if `mark` says the same of them.
    /// Where its states belong is given, since a part of a machine does not know it.
    pub(super) fn new(machine: &Machine, nodes: Vec<Node>, attempts: Attempts, mark: &dyn Fn(usize) -> Mark) -> Plan {
        let bundles = bundles(machine, &nodes, attempts, mark);
        let by_state = Bundles::new(&bundles);
        let clusters = cluster::arrange(machine, &nodes, &by_state);
        let arrows = arrows(machine, &bundles, &by_state, &clusters);
        Plan { nodes, clusters, arrows }
    }
}

/// Where each state of a whole machine belongs.
pub(super) fn nodes(machine: &Machine) -> Vec<Node> {
    let wrong = failure::wrong(machine);
    let entered: States = machine.rows.iter().filter(|row| row.public).map(|row| row.to).collect();
    let path: States = machine.happy_path.iter().copied().collect();
    let node = |state: StateId| {
        let place = if path.contains(&state) {
            Place::Path
        } else if wrong.contains(&state) {
            Place::Aside
        } else {
            Place::Detour
        };
        Node { state, place, public: entered.contains(&state) || state == machine.initial }
    };
    machine.state_ids().map(node).collect()
}

fn arrows(machine: &Machine, bundles: &[Bundle], by_state: &Bundles<'_>, clusters: &[Cluster]) -> Vec<Arrow> {
    let frames = cluster::frames_of(clusters);
    let mut found: BTreeMap<(Course, Tail, StateId, Mark), Vec<RowIn>> = BTreeMap::new();
    // The largest first, so that the words for the whole of a frame come before those for a part of it.
    let mut ordered: Vec<&Bundle> = bundles.iter().collect();
    ordered.sort_by_key(|bundle| std::cmp::Reverse(bundle.from.len()));
    for bundle in ordered {
        let tails = match cluster::frame_of(bundle, by_state, &frames) {
            Some(frame) => vec![(Tail::Cluster(frame), bundle.from.clone())],
            None => bundle.from.iter().map(|state| (Tail::State(*state), States::from([*state]))).collect(),
        };
        for (tail, states) in tails {
            let rows = bundle.rows.iter().map(|row| (*row, states.clone()));
            found.entry((bundle.course, tail, bundle.to, bundle.mark)).or_default().extend(rows);
        }
    }
    let arrow = |((course, tail, to, mark), rows): ((Course, Tail, StateId, Mark), Vec<RowIn>)| {
        let fails = rows.iter().all(|(row, _)| failure::is_failure(machine, &machine.rows[*row]));
        let course = if course == Course::Forward && fails { Course::Aside } else { course };
        Arrow { tail, to, course, mark, rows }
    };
    let mut arrows: Vec<Arrow> = found.into_iter().map(arrow).collect();
    arrows.sort_by_key(|arrow| arrow.course);
    arrows
}
