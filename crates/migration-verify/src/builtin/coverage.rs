//! Every state and every row is reached when the machines run together.

use serde::Serialize;

use crate::composition::Action;
use crate::graph::Graph;

/// A state or a row that is never reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unreached {
    /// The machine.
    pub machine: String,
    /// What is not reached.
    pub what: UnreachedKind,
    /// The line of the table.
    pub line: usize,
}

/// What is never reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnreachedKind {
    /// A state is never entered.
    State(String),
    /// A row never fires, from none of its states.
    Row(String),
    /// A row never fires from one of the states that it leaves.
    RowFrom(String, String),
}

pub(super) fn unreached(graph: &Graph<'_, '_>) -> Vec<Unreached> {
    let automata = &graph.composition.automata;
    let mut states: Vec<Vec<bool>> = automata.iter().map(|of| vec![false; of.machine.states.len()]).collect();
    let mut rows: Vec<Vec<Vec<bool>>> =
        automata.iter().map(|of| vec![vec![false; of.machine.states.len()]; of.machine.rows.len()]).collect();
    for at in 0..graph.len() {
        let locals = graph.locals(at);
        for (host, place) in graph.composition.hosts.iter().enumerate() {
            let automaton = graph.composition.automaton(host);
            states[place.automaton][automaton.locals[usize::from(locals[host])].state.index()] = true;
        }
        for edge in graph.edges(at) {
            let Action::Step { host, step, .. } = edge.action else { continue };
            let of = graph.composition.hosts[usize::from(host)].automaton;
            let automaton = &automata[of];
            let mut state = automaton.locals[usize::from(locals[usize::from(host)])].state;
            for row in &graph.composition.step_of(locals, host, step).rows {
                rows[of][usize::from(*row)][state.index()] = true;
                state = automaton.machine.rows[usize::from(*row)].to;
                states[of][state.index()] = true;
            }
        }
    }
    let mut found = Vec::new();
    for (of, automaton) in automata.iter().enumerate() {
        let machine = automaton.machine;
        let mut add = |what, line| found.push(Unreached { machine: machine.name.clone(), what, line });
        for (state, _) in machine.states.iter().zip(&states[of]).filter(|(_, reached)| !**reached) {
            add(UnreachedKind::State(state.name.clone()), state.span.line);
        }
        for (row, fired) in machine.rows.iter().zip(&rows[of]) {
            // Where a state is never entered, that says it all.
            let from: Vec<_> = row.from.iter().filter(|state| states[of][state.index()]).collect();
            let missing: Vec<_> = from.iter().filter(|state| !fired[state.index()]).collect();
            if missing.is_empty() {
                continue;
            }
            // A line that changes the status of some of its states only is two rows.
            let of_line = machine.rows.iter().zip(&rows[of]).filter(|(other, _)| other.span == row.span);
            let fires_elsewhere = of_line.filter(|(other, _)| other.case == row.case).any(|(_, f)| f.contains(&true));
            if missing.len() == from.len() && !fires_elsewhere {
                add(UnreachedKind::Row(row.case.clone()), row.span.line);
                continue;
            }
            for state in missing {
                add(UnreachedKind::RowFrom(row.case.clone(), machine.state(**state).name.clone()), row.span.line);
            }
        }
    }
    found
}
