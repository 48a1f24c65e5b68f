//! The smallest automaton of some sets of configurations: in numbers, and in words.

use std::collections::{BTreeMap, BTreeSet};

use super::minimal;
use super::outline::{Outline, PlaceId, View, number, shown};
use super::reach::{Reach, Traits};
use super::sets::{SetId, Sets};
use super::steps::Graph;
use crate::public::automaton::{Automaton, AutomatonState, Edge, Query};
use crate::public::settings::SettingCube;
use migration_table::model::Table;

/// A behaviour in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    pub(super) states: Vec<Mark>,
    /// Sorted.
    pub(super) edges: Vec<minimal::Edge>,
}

/// What is to be said of a set of configurations.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Mark {
    pub(super) shows: Vec<View>,
    /// What is shown where nothing more may come. Sorted.
    pub(super) rests: Vec<View>,
    pub(super) ends: bool,
    pub(super) trapped: bool,
}

/// The settings that give a behaviour, and the places that make each of its edges.
#[derive(Default)]
pub(super) struct Found {
    pub(super) under: Vec<SettingCube>,
    pub(super) places: Vec<BTreeSet<PlaceId>>,
}

/// What is to be said of a set.
pub(super) fn mark(graph: &Graph<'_>, sets: &Sets, reach: &Reach, id: SetId) -> Mark {
    let set = sets.get(id);
    let resting = set.members.iter().filter(|id| reach.traits(**id).rests);
    let rests: BTreeSet<View> = resting.map(|id| graph.view(*id)).collect();
    let any = |said: fn(&Traits) -> bool| set.members.iter().any(|id| said(&reach.traits(*id)));
    Mark {
        shows: set.shows.clone(),
        rests: rests.into_iter().collect(),
        ends: any(|traits| traits.ends),
        trapped: any(|traits| traits.trapped),
    }
}

/// The automaton in words.
pub(super) fn automaton(table: &Table, outline: &Outline<'_>, shape: &Shape, found: &Found) -> Automaton {
    let state = |mark: &Mark| AutomatonState {
        shows: mark.shows.iter().map(|view| shown(table, *view)).collect(),
        rests: !mark.rests.is_empty(),
        ends: mark.ends,
        trapped: mark.trapped,
        edges: BTreeMap::new(),
        queries: BTreeMap::new(),
    };
    let mut states: Vec<AutomatonState> = shape.states.iter().map(state).collect();
    let query = |from: usize, view: View| {
        let label = minimal::Edge { from: number(from), label: outline.query(view), to: 0 };
        let next = shape.edges.get(shape.edges.partition_point(|edge| *edge < label));
        let to = next.filter(|edge| (edge.from, edge.label) == (label.from, label.label)).map(|edge| edge.to as usize);
        Query { to: to.unwrap_or(from), rests: shape.states[from].rests.contains(&view) }
    };
    for (index, mark) in shape.states.iter().enumerate() {
        mark.shows.iter().for_each(|view| states[index].set_query(index, &shown(table, *view), query(index, *view)));
    }
    let seen = shape.edges.iter().zip(&found.places).filter(|(edge, _)| !outline.is_query(edge.label));
    for (edge, places) in seen {
        let mut places: Vec<_> = places.iter().map(|place| outline.span(*place)).collect();
        places.sort_unstable();
        places.dedup();
        let label = outline.labels[edge.label as usize].clone();
        states[edge.from as usize].edges.insert(label, Edge { to: edge.to as usize, places });
    }
    Automaton { states }
}
