//! Every state and every row is reached when the machines run together.

use serde::Serialize;

use crate::automaton::Automaton;
use crate::composition::Action;
use crate::decide::within_reach;
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
    /// How many attempts of each host were searched, where the machine alone does reach it: more of them may.
    pub within_attempts: Option<u8>,
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
    let (reached, taken) = reached_and_taken(graph);
    for (of, automaton) in automata.iter().enumerate() {
        for (at, local) in automaton.locals.iter().enumerate().filter(|(at, _)| reached[of][*at]) {
            states[of][local.state.index()] = true;
            for (step, _) in automaton.steps[at].iter().zip(&taken[of][at]).filter(|(_, taken)| **taken) {
                let mut state = local.state;
                for row in &step.rows {
                    rows[of][usize::from(*row)][state.index()] = true;
                    state = automaton.machine.rows[usize::from(*row)].to;
                    states[of][state.index()] = true;
                }
            }
        }
    }
    let mut found = Vec::new();
    let within = within_reach(graph.composition);
    for (of, automaton) in automata.iter().enumerate() {
        let machine = automaton.machine;
        let alone = entered(automaton, &within[of]);
        let attempts = graph.composition.bounds.attempts;
        let mut add = |what, line, is_bounded: bool| {
            let within_attempts = is_bounded.then_some(attempts);
            found.push(Unreached { machine: machine.name.clone(), what, line, within_attempts });
        };
        for (at, state) in machine.states.iter().enumerate().filter(|(at, _)| !states[of][*at]) {
            add(UnreachedKind::State(state.name.clone()), state.span.line, alone[at]);
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
                add(UnreachedKind::Row(row.case.clone()), row.span.line, false);
                continue;
            }
            for state in missing {
                add(
                    UnreachedKind::RowFrom(row.case.clone(), machine.state(**state).name.clone()),
                    row.span.line,
                    false,
                );
            }
        }
    }
    found
}

/// For each state of a machine whether a host enters it that comes to these configurations.
fn entered(automaton: &Automaton<'_>, reached: &[bool]) -> Vec<bool> {
    let mut entered = vec![false; automaton.machine.states.len()];
    let locals = automaton.locals.iter().zip(reached).filter(|(_, reached)| **reached);
    locals.for_each(|(local, _)| entered[local.state.index()] = true);
    entered
}

/// For each machine its configurations that some host comes to, and the steps that some host takes there.
fn reached_and_taken(graph: &Graph<'_, '_>) -> (Vec<Vec<bool>>, Vec<Vec<Vec<bool>>>) {
    let automata = &graph.composition.automata;
    let mut reached: Vec<Vec<bool>> = automata.iter().map(|of| vec![false; of.locals.len()]).collect();
    let none_taken = |of: &Automaton<'_>| of.steps.iter().map(|steps| vec![false; steps.len()]).collect();
    let mut taken: Vec<Vec<Vec<bool>>> = automata.iter().map(none_taken).collect();
    // How many steps of each configuration were not seen yet: the edges are looked at while there are any.
    let steps = |of: &Automaton<'_>| of.steps.iter().map(Vec::len).collect();
    let mut unseen: Vec<Vec<usize>> = automata.iter().map(steps).collect();
    for at in 0..graph.len() {
        let locals = graph.locals(at).map(usize::from);
        let mut is_open = false;
        for (host, of) in graph.composition.hosts.iter().enumerate() {
            reached[of.automaton][locals[host]] = true;
            is_open |= unseen[of.automaton][locals[host]] > 0;
        }
        for edge in graph.edges(at).iter().filter(|_| is_open) {
            let Action::Step { host, step, .. } = edge.action else { continue };
            let (of, local) = (graph.composition.hosts[usize::from(host)].automaton, locals[usize::from(host)]);
            let was_taken = std::mem::replace(&mut taken[of][local][usize::from(step)], true);
            unseen[of][local] -= usize::from(!was_taken);
        }
    }
    (reached, taken)
}
