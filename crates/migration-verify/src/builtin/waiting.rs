//! Nobody waits for ever, except for a user.

use migration_table::model::{Kind, Machine, StateId};

use crate::composition::Action;
use crate::config::Config;
use crate::counterexample::Counterexample;
use crate::decide::fair_loop;
use crate::graph::Graph;
use crate::property::{Outcome, Verdict};

pub(super) fn decide(graph: &Graph<'_, '_>) -> Vec<Verdict> {
    let composition = graph.composition;
    if !graph.figures().is_exhausted {
        return vec![verdict(Outcome::NotExhausted)];
    }
    let mut found = Vec::new();
    for host in 0..composition.hosts.len() {
        let automaton = composition.automaton(host);
        let is_first =
            composition.hosts[..host].iter().all(|other| other.automaton != composition.hosts[host].automaton);
        let in_state: Vec<Vec<u32>> = if is_first { by_state(graph, host) } else { Vec::new() };
        for (state, members) in automaton.machine.state_ids().zip(&in_state) {
            if may_wait(graph, automaton.machine, state) {
                continue;
            }
            let stays = |config: &Config, action: Action| match action {
                Action::Step { host: moved, step, .. } => {
                    usize::from(moved) != host || !composition.step_of(config, moved, step).moves
                }
                Action::Kill { host: dead } => usize::from(dead) != host,
                Action::Cut { .. } | Action::Disturb { .. } | Action::Restart { .. } => true,
            };
            if let Some(stuck) = fair_loop(graph, members, stays) {
                let mut run = graph.run_to(stuck.entry);
                let repeats_from = (!stuck.cycle.is_empty()).then_some(run.len());
                run.extend(stuck.cycle.iter().map(|edge| (edge.action, graph.config(edge.to))));
                let state = automaton.machine.state(state);
                let because = format!(
                    "{} can stay in `{}` for ever (line {})",
                    automaton.machine.name, state.name, state.span.line
                );
                let counterexample = Counterexample::tell(composition, &run, repeats_from, because);
                found.push(verdict(Outcome::Fails(Box::new(counterexample))));
            }
        }
    }
    if found.is_empty() { vec![verdict(Outcome::Holds { needs: Vec::new() })] } else { found }
}

/// The configurations of the graph by the state of a host that is not dead, each list in order.
fn by_state(graph: &Graph<'_, '_>, host: usize) -> Vec<Vec<u32>> {
    let automaton = graph.composition.automaton(host);
    let mut found = vec![Vec::new(); automaton.machine.states.len()];
    for at in 0..graph.len() {
        let local = automaton.locals[usize::from(graph.config(at).locals[host])];
        if !local.is_down {
            found[local.state.index()].push(at);
        }
    }
    found
}

/// Whether a host may stay in a state for ever: nothing is in progress there, it waits for a user, or the table says why
/// it has no timeout.
fn may_wait(graph: &Graph<'_, '_>, machine: &Machine, state: StateId) -> bool {
    let of_state = machine.state(state);
    let others = machine.triggers() | machine.outside_events();
    let hears_others = machine.rows.iter().any(|row| row.from.contains(&state) && row.mentions.intersects(others));
    let waits_for_others = of_state.kind == Kind::Wait && !of_state.is_bounded() && hears_others;
    let allowances = graph.composition.table.allowances.iter();
    let mut of_wait = allowances.filter(|allowance| allowance.code == "T0419");
    of_state.kind == Kind::Idle || waits_for_others || of_wait.any(|allowance| allowance.covers(of_state.span))
}

fn verdict(result: Outcome) -> Verdict {
    Verdict::new(
        "nobody-waits-for-ever",
        "a host leaves every state in the end, unless the state waits for a user",
        result,
    )
}
