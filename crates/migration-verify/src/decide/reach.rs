//! What stays possible: configurations from which a goal can be reached.

use crate::composition::Action;
use crate::config::Config;
use crate::formula::Formula;
use crate::graph::{Edge, Graph};
use crate::happening::Happening;
use crate::names::Invalid;
use crate::property::Outcome;
use migration_table::search;

use super::safety::{fails, holds};

/// Whether a formula can still hold, after each time that something happens, or from the beginning.
///
/// Nobody dies meanwhile: what a host does that is gone is not asked.
pub(super) fn possible(graph: &Graph<'_, '_>, from: Option<&str>, formula: &str) -> Result<Outcome, Invalid> {
    let goal = Formula::parse(formula, &graph.composition.scope())?;
    let from = from.map(|from| Happening::parse(from, &graph.composition.scope())).transpose()?;
    let can = can_reach_by(graph, |_, config| goal.holds(config), |edge| !matches!(edge.action, Action::Kill { .. }));
    let because = format!("from here `{formula}` can never hold");
    let Some(from) = from else {
        return Ok(if can[0] { holds() } else { fails(graph, 0, because) });
    };
    let mut is_vacuous = true;
    for at in 0..graph.len() {
        let config = graph.config(at);
        for edge in graph.edges(at).iter().filter(|edge| from.is(&config, edge.action)) {
            if is_anyone_down(graph, edge.to) {
                continue;
            }
            is_vacuous = false;
            if !can[edge.to as usize] {
                return Ok(fails(graph, edge.to, because));
            }
        }
    }
    Ok(if is_vacuous { Outcome::Vacuous { because: "it never begins".to_owned() } } else { holds() })
}

fn is_anyone_down(graph: &Graph<'_, '_>, at: u32) -> bool {
    let (config, composition) = (graph.config(at), graph.composition);
    let is_down = |host: usize| composition.automaton(host).locals[usize::from(config.locals[host])].is_down;
    (0..composition.hosts.len()).any(is_down)
}

/// For each configuration whether one that meets the goal can be reached from it.
pub(crate) fn can_reach(graph: &Graph<'_, '_>, goal: impl Fn(&Config) -> bool) -> Vec<bool> {
    can_reach_by(graph, |_, config| goal(config), |_| true)
}

/// The same, by some of the edges; the goal is told the number of a configuration as well.
pub(crate) fn can_reach_by(
    graph: &Graph<'_, '_>,
    goal: impl Fn(u32, &Config) -> bool,
    takes: impl Fn(&Edge) -> bool,
) -> Vec<bool> {
    let len = graph.len() as usize;
    let mut first = vec![0_u32; len + 1];
    for at in 0..graph.len() {
        graph.edges(at).iter().filter(|edge| takes(edge)).for_each(|edge| first[edge.to as usize + 1] += 1);
    }
    for at in 0..len {
        first[at + 1] += first[at];
    }
    let mut next = first.clone();
    let mut sources = vec![0_u32; first[len] as usize];
    for at in 0..graph.len() {
        for edge in graph.edges(at).iter().filter(|edge| takes(edge)) {
            let slot = &mut next[edge.to as usize];
            sources[*slot as usize] = at;
            *slot += 1;
        }
    }
    let mut can: Vec<bool> = (0..graph.len()).map(|at| goal(at, &graph.config(at))).collect();
    let mut worklist: Vec<u32> = (0..graph.len()).filter(|at| can[*at as usize]).collect();
    while let Some(at) = worklist.pop() {
        for source in &sources[first[at as usize] as usize..first[at as usize + 1] as usize] {
            if !can[*source as usize] {
                can[*source as usize] = true;
                worklist.push(*source);
            }
        }
    }
    can
}

/// Of the configurations that can be reached from one, the first with the greatest score, in the order of the search.
pub(crate) fn furthest(graph: &Graph<'_, '_>, from: u32, score: impl Fn(&Config) -> usize) -> u32 {
    let mut best = (0, from);
    for at in search::reachable([from], |at| graph.edges(*at).iter().map(|edge| edge.to)) {
        let points = score(&graph.config(at));
        if points > best.0 {
            best = (points, at);
        }
    }
    best.1
}
