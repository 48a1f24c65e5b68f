//! A public side without its reasons: what a client sees that looks at the status alone.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::automaton::{Automaton, AutomatonState, Edge, Label, Query, Shown};
use super::model::{Behaviour, Public, PublicMachine};
use super::smallest::smallest;
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
    let takes = |state: &AutomatonState| state.edges.keys().any(|label| matches!(label, Label::Reply(..)));
    let has_commands = automaton.states.iter().any(takes);
    let mut search = BreadthFirst::new([BTreeSet::from([0])]);
    let mut states = Vec::<AutomatonState>::new();
    while let Some((number, set)) = search.next_node() {
        let members: Vec<&AutomatonState> = set.iter().map(|member| &automaton.states[*member]).collect();
        let mut next: BTreeMap<Label, (BTreeSet<usize>, BTreeSet<Span>)> = BTreeMap::new();
        for (label, edge) in members.iter().flat_map(|state| &state.edges) {
            let (to, places) = next.entry(bare(label)).or_default();
            to.insert(edge.to);
            places.extend(&edge.places);
        }
        let mut told: BTreeMap<Shown, (BTreeSet<usize>, bool)> = BTreeMap::new();
        let answers = |state: &AutomatonState| !has_commands || takes(state);
        for (here, state) in set.iter().zip(&members).filter(|(_, state)| answers(state)) {
            for shown in &state.shows {
                let query = state.query(*here, shown);
                let (to, rests) = told.entry(without(shown)).or_default();
                to.insert(query.to);
                *rests |= query.rests;
            }
        }
        // Where some members take queries, what the others pass through is not shown.
        let passing = members.iter().filter(|_| told.is_empty()).flat_map(|state| &state.shows).map(without);
        let mut state = AutomatonState {
            shows: told.keys().cloned().chain(passing).collect(),
            rests: members.iter().any(|state| state.rests),
            ends: members.iter().any(|state| state.ends),
            trapped: members.iter().any(|state| state.trapped),
            edges: BTreeMap::new(),
            queries: BTreeMap::new(),
        };
        for (label, (to, places)) in next {
            let to = search.reach(number, (), to);
            state.edges.insert(label, Edge { to, places: places.into_iter().collect() });
        }
        for (shown, (to, rests)) in told {
            let to = search.reach(number, (), to);
            state.set_query(number, &shown, Query { to, rests });
        }
        states.push(state);
    }
    smallest(states)
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
