//! Every attempt can still succeed when it begins: each machine can come to the end of its happy path.

use std::collections::{BTreeMap, BTreeSet};

use migration_table::model::StateId;

use super::passing::Passing;
use crate::composition::{Action, Composition};
use crate::config::{Config, Locals};
use crate::counterexample::Counterexample;
use crate::decide::{can_reach_by, furthest};
use crate::graph::{Edge, Graph};
use crate::property::{Outcome, Verdict};

/// Decides it; `None` where no machine has a happy path, so that nobody asks.
pub(super) fn decide(graph: &Graph<'_, '_>) -> Option<Verdict> {
    let composition = graph.composition;
    let paths = composition.automata.iter().map(|automaton| automaton.machine.happy_path.as_slice());
    let paths: Vec<&[StateId]> = paths.collect();
    if paths.iter().all(|path| path.is_empty()) {
        return None;
    }
    if let Some(without) = paths.iter().position(|path| path.is_empty()) {
        let machine = &composition.automata[without].machine.name;
        return Some(verdict(Outcome::Vacuous { because: format!("machine `{machine}` has no `happy_path`") }));
    }
    let position = |locals: &Locals, host: usize| {
        let automaton = composition.automaton(host);
        let local = automaton.locals[usize::from(locals[host])];
        let path = paths[composition.hosts[host].automaton];
        let position = path.iter().position(|state| *state == local.state && !local.is_down);
        position.map_or(0, |position| position + 1)
    };
    // An attempt ends in an idle state. Where the path goes through one, an attempt that comes to it has succeeded.
    let is_success = |locals: &Locals, first: usize| {
        let is_at_end = |host: usize| {
            let automaton = composition.automaton(host);
            let local = automaton.locals[usize::from(locals[host])];
            let is_last = !local.is_down && paths[composition.hosts[host].automaton].last() == Some(&local.state);
            let further = if host == 0 { first } else { 1 };
            is_last || position(locals, host) > further && composition.is_idle(locals, host)
        };
        is_at_end(0) && (composition.hosts.len() == 1 || (1..composition.hosts.len()).any(is_at_end))
    };
    let beginnings: Vec<(u32, Edge)> = beginnings(graph).collect();
    let firsts: BTreeSet<usize> = beginnings.iter().map(|(from, edge)| first(graph, *from, edge)).collect();
    let can = |first: usize| can_reach_by(graph, |at| is_success(graph.locals(at), first), |_| true);
    let can: BTreeMap<usize, Vec<bool>> = firsts.into_iter().map(|first| (first, can(first))).collect();
    let is_lost = |(from, edge): &&(u32, Edge)| !can[&first(graph, *from, edge)][edge.to as usize];
    let beginning = beginnings.iter().find(is_lost).and_then(|_| {
        // A step may pass through the end of a path, and hosts may come to theirs one after the other.
        let ends = composition.hosts.iter().filter_map(|host| paths[host.automaton].last().copied());
        let passing = Passing::through(graph, ends.collect());
        beginnings.iter().filter(is_lost).find(|(from, edge)| !passing.can_follow(*from, edge))
    });
    let result = match beginning {
        _ if !graph.figures().is_exhausted => Outcome::NotExhausted,
        Some((_, edge)) => {
            let score = |locals: &Locals| (0..composition.hosts.len()).map(|host| position(locals, host)).sum();
            let run = graph.run_to(furthest(graph, edge.to, score));
            let because = "the attempt can never succeed; this is as far as it gets".to_owned();
            Outcome::Fails(Box::new(Counterexample::tell(composition, &run, None, because)))
        }
        None if beginnings.is_empty() => {
            Outcome::Vacuous { because: "no attempt ever enters the happy path".to_owned() }
        }
        None => Outcome::Holds { needs: Vec::new() },
    };
    Some(verdict(result))
}

fn verdict(result: Outcome) -> Verdict {
    let doc = "when an attempt begins on the happy path, every machine can still come to the end of its own";
    Verdict::new("can-succeed", doc, result)
}

/// The place on the path of the first state of an attempt, counted from 1.
fn first(graph: &Graph<'_, '_>, from: u32, edge: &Edge) -> usize {
    let composition = graph.composition;
    let Action::Step { step, .. } = edge.action else { return 0 };
    let machine = composition.automaton(0).machine;
    let rows = &composition.step_of(graph.locals(from), 0, step).rows;
    let state = rows.first().map(|row| machine.rows[usize::from(*row)].to);
    let path = machine.happy_path.iter();
    path.enumerate().find(|(_, on_path)| Some(**on_path) == state).map_or(0, |(place, _)| place + 1)
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

/// Whether an action begins an attempt of the first host that is meant to succeed: its first state is on the happy path.
fn begins(composition: &Composition<'_>, locals: &Locals, action: Action) -> bool {
    let Action::Step { host: 0, step, .. } = action else { return false };
    let (machine, step) = (composition.automaton(0).machine, composition.step_of(locals, 0, step));
    let first = step.rows.first().map(|row| machine.rows[usize::from(*row)].to);
    step.begins && first.is_some_and(|state| machine.happy_path.contains(&state))
}
