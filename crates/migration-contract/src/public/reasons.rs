//! A public side without its reasons: what a client sees that looks at the status alone.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::automaton::{Automaton, AutomatonState, Edge, Label, Shown};
use super::model::{Behaviour, Public, PublicMachine};
use super::project::classes;
use migration_table::Span;
use migration_table::search::BreadthFirst;

/// Returns what clients see who look at the status alone. The vocabulary stays as it is.
#[must_use]
pub(crate) fn without_reasons(public: &Public) -> Cow<'_, Public> {
    if public.reasons.is_empty() {
        return Cow::Borrowed(public);
    }
    let machines = public.machines.iter().map(|machine| PublicMachine {
        behaviours: machine.behaviours.iter().map(behaviour).collect(),
        ..machine.clone()
    });
    Cow::Owned(Public { machines: machines.collect(), ..public.clone() })
}

fn behaviour(behaviour: &Behaviour) -> Behaviour {
    Behaviour { under: behaviour.under.clone(), automaton: automaton(&behaviour.automaton) }
}

/// Takes together what only reasons tell apart: the subset construction, and the smallest automaton of the result.
fn automaton(automaton: &Automaton) -> Automaton {
    let mut search = BreadthFirst::new([BTreeSet::from([0])]);
    let (mut states, mut targets) = (Vec::<AutomatonState>::new(), Vec::<BTreeMap<Label, usize>>::new());
    while let Some((number, members)) = search.next_node() {
        let members: Vec<&AutomatonState> = members.iter().map(|member| &automaton.states[*member]).collect();
        let mut next: BTreeMap<Label, (BTreeSet<usize>, BTreeSet<Span>)> = BTreeMap::new();
        for (label, edge) in members.iter().flat_map(|state| &state.edges) {
            let (to, places) = next.entry(bare(label)).or_default();
            to.insert(edge.to);
            places.extend(&edge.places);
        }
        let (mut edges, mut leads) = (BTreeMap::new(), BTreeMap::new());
        for (label, (to, places)) in next {
            let to = search.reach(number, (), to);
            leads.insert(label.clone(), to);
            edges.insert(label, Edge { to, places: places.into_iter().collect() });
        }
        targets.push(leads);
        states.push(AutomatonState {
            shows: members.iter().flat_map(|state| &state.shows).map(without).collect(),
            rests: members.iter().any(|state| state.rests),
            ends: members.iter().any(|state| state.ends),
            trapped: members.iter().any(|state| state.trapped),
            edges,
        });
    }
    smallest(states, &targets)
}

/// The smallest automaton that behaves as these states do, with the states in the order of the projection.
fn smallest(states: Vec<AutomatonState>, targets: &[BTreeMap<Label, usize>]) -> Automaton {
    let labels: BTreeSet<&Label> = targets.iter().flat_map(BTreeMap::keys).collect();
    let numbers: BTreeMap<&Label, usize> = labels.into_iter().zip(0..).collect();
    let marks: Vec<_> = states.iter().map(|state| (&state.shows, state.rests, state.ends, state.trapped)).collect();
    let edges = targets.iter().enumerate();
    let edges = edges.flat_map(|(from, leads)| leads.iter().map(move |(label, to)| (from, label, *to)));
    let edges: Vec<_> = edges.map(|(from, label, to)| (from, numbers[label], to)).collect();
    let classes = classes(&marks, &edges);
    let mut made: BTreeMap<usize, AutomatonState> = BTreeMap::new();
    for (state, class) in states.into_iter().zip(&classes) {
        let edges = state.edges.into_iter().map(|(label, edge)| (label, Edge { to: classes[edge.to], ..edge }));
        let edges: BTreeMap<Label, Edge> = edges.collect();
        match made.get_mut(class) {
            None => drop(made.insert(*class, AutomatonState { edges, ..state })),
            Some(known) => {
                for (label, edge) in edges {
                    let known = known.edges.entry(label).or_insert_with(|| Edge { to: edge.to, places: Vec::new() });
                    known.places.extend(edge.places);
                    known.places.sort_unstable();
                    known.places.dedup();
                }
            }
        }
    }
    Automaton { states: made.into_values().collect() }
}

fn bare(label: &Label) -> Label {
    match label {
        Label::Event(shown) => Label::Event(without(shown)),
        Label::Reply(..) => label.clone(),
    }
}

fn without(shown: &Shown) -> Shown {
    Shown::status(&shown.status)
}
