//! Rows that are drawn as one arrow, or as one from each of the states that they leave.

use std::collections::{BTreeMap, BTreeSet};

use super::figure::{Course, Mark, Place};
use migration_table::model::{Kind, Machine, Row, StateId};

/// A set of states that an arrow leaves or a cluster holds.
pub(super) type States = BTreeSet<StateId>;

/// How one state is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// The state.
    pub(super) state: StateId,
    /// Where it belongs in the picture.
    pub(super) place: Place,
    /// Whether a client notices that the machine enters it.
    pub(super) public: bool,
}

/// Where the arrow of a new attempt leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempts {
    /// To a small copy of the state that is entered, which is far off; unless nothing else leads there or leaves it.
    ToCopies,
    /// To the state itself, since the picture is small.
    ToStates,
}

/// Rows that leave the same states for the same state.
pub(super) struct Bundle {
    pub(super) from: States,
    pub(super) to: StateId,
    pub(super) course: Course,
    pub(super) mark: Mark,
    pub(super) rows: Vec<usize>,
}

/// Bundles the rows of a machine. Rows of which `mark` says different things are kept apart.
pub(super) fn bundles(
    machine: &Machine,
    nodes: &[Node],
    attempts: Attempts,
    mark: &dyn Fn(usize) -> Mark,
) -> Vec<Bundle> {
    let mut found: BTreeMap<(Course, Vec<StateId>, StateId, Mark), Vec<usize>> = BTreeMap::new();
    let reached_otherwise = reached_otherwise(machine);
    let mut before: BTreeMap<StateId, Vec<StateId>> = BTreeMap::new();
    for (from, to) in machine.path_steps() {
        before.entry(to).or_default().push(from);
    }
    for (index, row) in machine.rows.iter().enumerate() {
        let mark = mark(index);
        let mut rest: States = row.from.iter().copied().collect();
        for from in before.get(&row.to).into_iter().flatten() {
            if rest.remove(from) {
                found.entry((Course::Path, vec![*from], row.to, mark)).or_default().push(index);
            }
        }
        let (again, rest): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|state| is_new_attempt(machine, *state, row.to));
        let is_copied = attempts == Attempts::ToCopies && reached_otherwise.contains(&row.to);
        let again_course = if is_copied { Course::Again } else { Course::Forward };
        let aside = |state: &StateId| nodes[state.index()].place == Place::Aside;
        let course = if aside(&row.to) || (!rest.is_empty() && rest.iter().all(aside)) {
            Course::Aside
        } else {
            Course::Forward
        };
        for (course, from) in [(again_course, again), (course, rest)] {
            if !from.is_empty() {
                found.entry((course, from, row.to, mark)).or_default().push(index);
            }
        }
    }
    let bundle = |((course, from, to, mark), rows): ((Course, Vec<StateId>, StateId, Mark), Vec<usize>)| Bundle {
        from: from.into_iter().collect(),
        to,
        course,
        mark,
        rows: in_order(machine, rows),
    };
    found.into_iter().map(bundle).collect()
}

/// Whether a step is the first of another attempt.
fn is_new_attempt(machine: &Machine, from: StateId, to: StateId) -> bool {
    let idle = |state: StateId| machine.state(state).kind == Kind::Idle;
    idle(from) && from != machine.initial && !idle(to)
}

/// The states that have other arrows than those of new attempts, so that they have their places without them.
fn reached_otherwise(machine: &Machine) -> States {
    let left = machine.rows.iter().flat_map(|row| row.from.iter().copied());
    let is_entered =
        |row: &&Row| row.from.iter().any(|from| *from != row.to && !is_new_attempt(machine, *from, row.to));
    left.chain(machine.rows.iter().filter(is_entered).map(|row| row.to)).collect()
}

/// Rows in an order that does not depend on the table's: the strongest first.
fn in_order(machine: &Machine, mut rows: Vec<usize>) -> Vec<usize> {
    rows.sort_by_key(|index| {
        let row = &machine.rows[*index];
        (row.rank, &row.cubes, &row.sends, row.drops, row.reason)
    });
    rows
}
