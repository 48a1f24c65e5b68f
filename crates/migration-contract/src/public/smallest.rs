//! The smallest automaton that behaves as some states do.

use std::collections::{BTreeMap, BTreeSet};

use super::automaton::{Automaton, AutomatonState, Edge, Label, Query, Shown};
use super::project;

/// Returns the smallest automaton that behaves as these states do, all of which can be reached from the first, with its
/// states in the order of the projection.
pub(super) fn smallest(states: Vec<AutomatonState>) -> Automaton {
    let classes = classes(&states);
    let mut made: BTreeMap<usize, AutomatonState> = BTreeMap::new();
    for (index, state) in states.into_iter().enumerate() {
        let here = classes[index];
        let known = made.entry(here).or_insert_with(|| {
            let (edges, queries) = (BTreeMap::new(), BTreeMap::new());
            let AutomatonState { rests, ends, trapped, .. } = state;
            let mut first = AutomatonState { shows: state.shows.clone(), rests, ends, trapped, edges, queries };
            for shown in &state.shows {
                let Query { to, rests } = state.query(index, shown);
                first.set_query(here, shown, Query { to: classes[to], rests });
            }
            first
        });
        for (label, edge) in state.edges {
            let to = classes[edge.to];
            let known = known.edges.entry(label).or_insert_with(|| Edge { to, places: Vec::new() });
            known.places.extend(edge.places);
            known.places.sort_unstable();
            known.places.dedup();
        }
    }
    Automaton { states: made.into_values().collect() }
}

/// For every state the number of its class, in the order of a search in breadth. States of a class behave the same.
pub(super) fn classes(states: &[AutomatonState]) -> Vec<usize> {
    let labels: BTreeSet<&Label> = states.iter().flat_map(|state| state.edges.keys()).collect();
    let labels: BTreeMap<&Label, usize> = labels.into_iter().zip(0..).collect();
    let shown: BTreeSet<&Shown> = states.iter().flat_map(|state| &state.shows).collect();
    let shown: BTreeMap<&Shown, usize> = shown.into_iter().zip(labels.len()..).collect();
    let (mut marks, mut edges) = (Vec::new(), Vec::new());
    for (here, state) in states.iter().enumerate() {
        let mut resting = Vec::new();
        edges.extend(state.edges.iter().map(|(label, edge)| (here, labels[label], edge.to)));
        for name in &state.shows {
            let Query { to, rests } = state.query(here, name);
            edges.push((here, shown[name], to));
            resting.push(rests);
        }
        marks.push((&state.shows, state.rests, state.ends, state.trapped, resting));
    }
    project::classes(&marks, &edges)
}
