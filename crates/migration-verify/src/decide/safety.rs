//! Properties that one bad moment breaks: never, at most one, after and before.
//!
//! Scopes are monitors with two phases, walked together with the graph. The search is breadth-first, so the run that
//! is found is a shortest one.

use std::collections::VecDeque;

use crate::composition::Action;
use crate::config::Config;
use crate::counterexample::Counterexample;
use crate::formula::Formula;
use crate::graph::Graph;
use crate::happening::Happening;
use crate::names::Invalid;
use crate::property::Outcome;

pub(super) fn never(graph: &Graph<'_, '_>, formula: &str) -> Result<Outcome, Invalid> {
    let parsed = Formula::parse(formula, &graph.composition.scope())?;
    let bad = (0..graph.len()).find(|at| parsed.holds(&graph.config(*at)));
    Ok(bad.map_or_else(holds, |at| fails(graph, at, format!("now `{formula}` holds"))))
}

pub(super) fn at_most_one(graph: &Graph<'_, '_>, marker: &str) -> Result<Outcome, Invalid> {
    let scope = graph.composition.scope();
    let of_host = |host: usize| scope.locals(host, marker).ok();
    let hosts: Vec<Option<Vec<bool>>> = (0..scope.hosts.len()).map(of_host).collect();
    if hosts.iter().flatten().next().is_none() {
        return Err(Invalid::Marker(marker.to_owned()));
    }
    let has = |config: &Config, host: usize| {
        hosts[host].as_ref().is_some_and(|locals| locals[usize::from(config.locals[host])])
    };
    let count = |config: &Config| (0..hosts.len()).filter(|host| has(config, *host)).count();
    let bad = (0..graph.len()).find(|at| count(&graph.config(*at)) > 1);
    Ok(bad.map_or_else(holds, |at| {
        let config = graph.config(at);
        let names = (0..hosts.len()).filter(|host| has(&config, *host)).map(|host| scope.hosts[host].name.as_str());
        fails(graph, at, format!("now `{marker}` is true of {}", names.collect::<Vec<_>>().join(" and ")))
    }))
}

pub(super) fn after(graph: &Graph<'_, '_>, when: &str, never: &str, until: Option<&str>) -> Result<Outcome, Invalid> {
    let begins = Happening::parse(when, &graph.composition.scope())?;
    let bad = Happening::parse(never, &graph.composition.scope())?;
    let ends = until.map(|until| Happening::parse(until, &graph.composition.scope())).transpose()?;
    let mut is_vacuous = true;
    let run = monitored(graph, |phase, config, action| {
        let is_over = ends.as_ref().is_some_and(|ends| ends.is(config, action));
        let is_over_before = is_over && ends.as_ref().is_some_and(|ends| ends.precedes(&bad));
        if phase == Phase::Inside && !is_over_before && bad.is(config, action) {
            return Some(Phase::Broken);
        }
        if begins.is(config, action) {
            is_vacuous = false;
            return Some(Phase::Inside);
        }
        Some(if is_over { Phase::Outside } else { phase })
    });
    Ok(match run {
        Some(run) => broken(graph, &run, format!("`{never}` comes after `{when}`")),
        None if is_vacuous => Outcome::Vacuous { because: format!("`{when}` never happens") },
        None => holds(),
    })
}

pub(super) fn before(graph: &Graph<'_, '_>, first: &str, then: &str) -> Result<Outcome, Invalid> {
    let (comes, late) =
        (Happening::parse(first, &graph.composition.scope())?, Happening::parse(then, &graph.composition.scope())?);
    let mut is_vacuous = true;
    let run = monitored(graph, |phase, config, action| {
        let is_late = late.is(config, action);
        is_vacuous &= !is_late;
        if phase == Phase::Outside && is_late && !comes.is(config, action) {
            return Some(Phase::Broken);
        }
        Some(if comes.is(config, action) { Phase::Inside } else { phase })
    });
    Ok(match run {
        Some(run) => broken(graph, &run, format!("`{then}` comes without `{first}` before it")),
        None if is_vacuous => Outcome::Vacuous { because: format!("`{then}` never happens") },
        None => holds(),
    })
}

/// Where a monitor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Outside,
    Inside,
    Broken,
}

/// Walks the graph with a monitor and returns a shortest run that breaks it. The monitor says in which phase a step
/// leaves it; `None` where nothing after the step matters.
fn monitored(
    graph: &Graph<'_, '_>,
    mut monitor: impl FnMut(Phase, &Config, Action) -> Option<Phase>,
) -> Option<Vec<(Action, Config)>> {
    const NOWHERE: u32 = u32::MAX;
    let node = |at: u32, phase: Phase| at as usize * 2 + usize::from(phase == Phase::Inside);
    let mut parents = vec![(NOWHERE, 0_u32, Phase::Outside); graph.len() as usize * 2];
    let mut seen = vec![false; parents.len()];
    let mut queue = VecDeque::from([(0, Phase::Outside)]);
    seen[node(0, Phase::Outside)] = true;
    while let Some((at, phase)) = queue.pop_front() {
        let config = graph.config(at);
        for (index, edge) in (0..).zip(graph.edges(at)) {
            match monitor(phase, &config, edge.action) {
                None => {}
                Some(Phase::Broken) => {
                    let mut run = vec![(edge.action, graph.config(edge.to))];
                    let (mut at, mut phase) = (at, phase);
                    while parents[node(at, phase)].0 != NOWHERE {
                        let (from, edge, was) = parents[node(at, phase)];
                        run.push((graph.edges(from)[edge as usize].action, graph.config(at)));
                        (at, phase) = (from, was);
                    }
                    run.reverse();
                    return Some(run);
                }
                Some(next @ (Phase::Outside | Phase::Inside)) => {
                    let to = node(edge.to, next);
                    if !seen[to] {
                        seen[to] = true;
                        parents[to] = (at, index, phase);
                        queue.push_back((edge.to, next));
                    }
                }
            }
        }
    }
    None
}

pub(super) fn holds() -> Outcome {
    Outcome::Holds { needs: Vec::new() }
}

pub(super) fn fails(graph: &Graph<'_, '_>, at: u32, because: String) -> Outcome {
    broken(graph, &graph.run_to(at), because)
}

pub(super) fn broken(graph: &Graph<'_, '_>, run: &[(Action, Config)], because: String) -> Outcome {
    Outcome::Fails(Box::new(Counterexample::tell(graph.composition, run, None, because)))
}
