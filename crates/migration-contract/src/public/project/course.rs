//! Everything that a client can come to under one setting, and the smallest automaton of it.
//!
//! Settings that say the same of whatever was looked at share what leads on from a set. So many courses are one, and the
//! smallest automaton of each is computed once.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::bounds::Limit;
use super::minimal;
use super::outline::{Outline, PlaceId, number};
use super::reach::Reach;
use super::sets::{Arc, SetId, Sets};
use super::steps::Graph;
use crate::public::settings::SettingSet;
use migration_table::search::BreadthFirst;

/// Sets in the order of a search in breadth, and what leads on from each.
pub(super) struct Course {
    pub(super) ids: Vec<SetId>,
    arcs: Vec<Rc<Vec<Arc>>>,
}

/// What a course is, as long as its sets are kept: the same for two in which the same leads to the same.
pub(super) type CourseKey = Vec<*const Vec<Arc>>;

/// The smallest automaton of a course.
pub(super) struct Smallest<M> {
    /// What is to be said of each state.
    pub(super) states: Vec<M>,
    /// Sorted.
    pub(super) edges: Vec<minimal::Edge>,
    /// The places that make each edge.
    pub(super) places: Vec<BTreeSet<PlaceId>>,
    /// The state of each set.
    pub(super) classes: Vec<u32>,
}

impl Course {
    /// Follows everything from these sets.
    pub(super) fn from(
        graph: &Graph<'_>,
        sets: &mut Sets,
        (reach, setting): (&Reach, SettingSet),
        starts: Vec<SetId>,
    ) -> Result<Course, Limit> {
        let (mut search, mut arcs) = (BreadthFirst::new(starts), Vec::new());
        while let Some((from, id)) = search.next_node() {
            let led = sets.arcs(graph, reach, id, setting)?;
            led.iter().for_each(|arc| {
                search.reach(from, (), arc.to);
            });
            arcs.push(led);
        }
        Ok(Course { ids: search.nodes().to_vec(), arcs })
    }

    pub(super) fn key(&self) -> CourseKey {
        self.arcs.iter().map(Rc::as_ptr).collect()
    }

    /// The smallest automaton, if `marks` says what is to be said of each set. All sets have to be reached from the first, by
    /// the edges in `more` where it does not lead to them itself.
    pub(super) fn smallest<M: Clone + Eq + Hash>(
        &self,
        outline: &Outline<'_>,
        marks: &[M],
        more: impl Iterator<Item = minimal::Edge>,
    ) -> Smallest<M> {
        let at: FxHashMap<SetId, u32> = self.ids.iter().copied().zip(0..).collect();
        let (mut edges, mut places) = (Vec::new(), Vec::new());
        for (from, arcs) in self.arcs.iter().enumerate() {
            for arc in arcs.iter() {
                edges.push(minimal::Edge { from: number(from), label: arc.label, to: at[&arc.to] });
                places.push(&arc.places);
            }
        }
        edges.extend(more);
        let classes = minimal::classes(marks, &edges);
        let class = |state: u32| classes[state as usize];
        let mut states: BTreeMap<u32, &M> = BTreeMap::new();
        for (mark, class) in marks.iter().zip(&classes) {
            states.entry(*class).or_insert(mark);
        }
        let mut made: BTreeMap<minimal::Edge, BTreeSet<PlaceId>> = BTreeMap::new();
        for (edge, places) in edges.iter().zip(places) {
            let edge = minimal::Edge { from: class(edge.from), label: edge.label, to: class(edge.to) };
            // A query that tells nothing more is none that has to be kept.
            if edge.from != edge.to || !outline.is_query(edge.label) {
                made.entry(edge).or_default().extend(places);
            }
        }
        let (edges, places) = made.into_iter().unzip();
        Smallest { states: states.into_values().cloned().collect(), edges, places, classes }
    }
}
