//! Every attempt can still succeed when it begins: each machine can come to the end of its happy path.

use migration_table::model::StateId;

use super::passing::Passing;
use crate::composition::{Action, Composition};
use crate::config::{Config, Locals};
use crate::counterexample::Counterexample;
use crate::decide::{can_reach_by, furthest};
use crate::graph::{Edge, Graph};
use crate::property::{Outcome, Verdict};

/// Decides it; `None` where a machine has no happy path, so that success is not defined.
pub(super) fn decide(graph: &Graph<'_, '_>) -> Option<Verdict> {
    let composition = graph.composition;
    let paths = composition.automata.iter().map(|automaton| automaton.machine.happy_path.as_slice());
    let paths: Vec<&[StateId]> = paths.collect();
    if paths.iter().any(|path| path.is_empty()) {
        return None;
    }
    let position = |locals: &Locals, host: usize| {
        let automaton = composition.automaton(host);
        let local = automaton.locals[usize::from(locals[host])];
        let path = paths[composition.hosts[host].automaton];
        let position = path.iter().position(|state| *state == local.state && !local.is_down);
        position.map_or(0, |position| position + 1)
    };
    let can = can_succeed(graph, &paths);
    let beginning = beginnings(graph).find(|(_, edge)| !can[edge.to as usize]).and_then(|_| {
        // A step may pass through the end of a path, and hosts may come to theirs one after the other.
        let ends = composition.hosts.iter().filter_map(|host| paths[host.automaton].last().copied());
        let passing = Passing::through(graph, ends.collect());
        beginnings(graph).find(|(from, edge)| !passing.can_follow(*from, edge))
    });
    let result = match beginning {
        _ if !graph.figures().is_exhausted => Outcome::NotExhausted,
        Some((_, edge)) => {
            let score = |locals: &Locals| (0..composition.hosts.len()).map(|host| position(locals, host)).sum();
            let run = graph.run_to(furthest(graph, edge.to, score));
            let because = "the attempt can never succeed; this is as far as it gets".to_owned();
            Outcome::Fails(Box::new(Counterexample::tell(composition, &run, None, because)))
        }
        None if beginnings(graph).next().is_none() => Outcome::Vacuous { because: "no attempt ever begins".to_owned() },
        None => Outcome::Holds { needs: Vec::new() },
    };
    Some(Verdict::new(
        "can-succeed",
        "when an attempt begins, every machine can still come to the end of its happy path",
        result,
    ))
}

/// For each configuration whether one can follow it in which the first host and another one are at the end of their paths.
fn can_succeed(graph: &Graph<'_, '_>, paths: &[&[StateId]]) -> Vec<bool> {
    let composition = graph.composition;
    let is_at_end = |locals: &Locals, host: usize| {
        let automaton = composition.automaton(host);
        let local = automaton.locals[usize::from(locals[host])];
        !local.is_down && paths[composition.hosts[host].automaton].last() == Some(&local.state)
    };
    let others = 1..composition.hosts.len();
    let is_success = |locals: &Locals| {
        is_at_end(locals, 0) && (others.is_empty() || others.clone().any(|host| is_at_end(locals, host)))
    };
    can_reach_by(graph, |at| is_success(graph.locals(at)), |_| true)
}

/// The steps with which an attempt begins while every other host is as it was started, and may begin one too; each with
/// the configuration that it leaves.
fn beginnings<'g>(graph: &'g Graph<'_, '_>) -> impl Iterator<Item = (u32, Edge)> + 'g {
    (0..graph.len()).flat_map(move |at| {
        let (composition, locals) = (graph.composition, graph.locals(at));
        let opens = move |edge: &Edge| begins(composition, locals, edge.action);
        let is_asked = are_others_as_started(composition, locals) && graph.edges(at).iter().any(opens);
        let is_ready = is_asked && may_others_begin(composition, &graph.config(at));
        graph.edges(at).iter().filter(move |edge| is_ready && opens(edge)).map(move |edge| (at, *edge))
    })
}

fn are_others_as_started(composition: &Composition<'_>, locals: &Locals) -> bool {
    (1..composition.hosts.len()).all(|host| locals[host] == composition.automaton(host).initial)
}

fn may_others_begin(composition: &Composition<'_>, config: &Config) -> bool {
    let may_begin = |host: usize| config.attempts[host] < composition.bounds.attempts && config.there[host].len() == 0;
    (1..composition.hosts.len()).all(may_begin)
}

fn begins(composition: &Composition<'_>, locals: &Locals, action: Action) -> bool {
    matches!(action, Action::Step { host: 0, step, .. } if composition.step_of(locals, 0, step).begins)
}
