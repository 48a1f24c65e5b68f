//! What must happen in the end, if every host that can go on does so.
//!
//! A run is unfair to a step that stays possible for ever and is never taken, where the step is work that finishes, a
//! timeout that runs out, a message that arrives, or a broken connection that is noticed. Users, operators, deaths and
//! further breaks need not come. A property fails on a strongly connected component in which some run is fair (weak
//! fairness: Lichtenstein and Pnueli 1985), or on a configuration in which nothing has to happen any more.

use std::collections::{HashMap, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::automaton::Input;
use crate::composition::Action;
use crate::config::Config;
use crate::counterexample::Counterexample;
use crate::formula::Formula;
use crate::graph::{Edge, Graph};
use crate::happening::Happening;
use crate::names::Invalid;
use crate::property::Outcome;

use super::safety::holds;

pub(super) fn leads_to(
    graph: &Graph<'_, '_>,
    whenever: &str,
    eventually: &str,
    waiting: Option<&str>,
) -> Result<Outcome, Invalid> {
    let begins = Happening::parse(whenever, graph.composition)?;
    let scope = graph.composition.scope();
    let goal = Formula::parse(eventually, &scope)?;
    let waits = waiting.map(|formula| Formula::parse(formula, &scope)).transpose()?;
    let is_met = |config: &Config| goal.holds(config) || waits.as_ref().is_some_and(|waits| waits.holds(config));
    let open: Vec<bool> = (0..graph.len()).map(|at| !is_met(&graph.config(at))).collect();
    let (mut is_pending, mut worklist, mut is_vacuous) = (vec![false; graph.len() as usize], VecDeque::new(), true);
    for at in 0..graph.len() {
        let config = graph.config(at);
        for edge in graph.edges(at).iter().filter(|edge| begins.is(&config, edge.action)) {
            is_vacuous = false;
            if open[edge.to as usize] && !std::mem::replace(&mut is_pending[edge.to as usize], true) {
                worklist.push_back(edge.to);
            }
        }
    }
    // The search goes on in the order of the graph, so that the obligation that fails is an early one.
    let begun: Vec<u32> = worklist.iter().copied().collect();
    let mut parents: HashMap<u32, (u32, Edge)> = HashMap::new();
    while let Some(at) = worklist.pop_front() {
        for edge in graph.edges(at) {
            if open[edge.to as usize] && !std::mem::replace(&mut is_pending[edge.to as usize], true) {
                parents.insert(edge.to, (at, *edge));
                worklist.push_back(edge.to);
            }
        }
    }
    let region: Vec<u32> = (0..graph.len()).filter(|at| is_pending[*at as usize]).collect();
    let Some(found) = fair_loop(graph, &region, |_, _| true) else {
        return Ok(if is_vacuous {
            Outcome::Vacuous { because: format!("`{whenever}` never happens") }
        } else {
            holds()
        });
    };
    let (mut run, mut at) = (Vec::new(), found.entry);
    while let Some((from, edge)) = parents.get(&at) {
        run.push((edge.action, graph.config(edge.to)));
        at = *from;
    }
    debug_assert!(begun.contains(&at), "every obligation has a beginning");
    run.reverse();
    let mut whole = run_to_beginning(graph, at, &begins);
    whole.extend(run);
    let repeats_from = (!found.cycle.is_empty()).then_some(whole.len());
    whole.extend(found.cycle.iter().map(|edge| (edge.action, graph.config(edge.to))));
    let because = format!("`{eventually}` need never hold after `{whenever}`");
    Ok(Outcome::Fails(Box::new(Counterexample::tell(graph.composition, &whole, repeats_from, because))))
}

/// A shortest run whose last step is a beginning that leads to a configuration.
fn run_to_beginning(graph: &Graph<'_, '_>, at: u32, begins: &Happening) -> Vec<(Action, Config)> {
    for from in 0..graph.len() {
        let config = graph.config(from);
        let edge = graph.edges(from).iter().find(|edge| edge.to == at && begins.is(&config, edge.action));
        if let Some(edge) = edge {
            let mut run = graph.run_to(from);
            run.push((edge.action, graph.config(at)));
            return run;
        }
    }
    graph.run_to(at)
}

/// A run that can go on for ever within a region.
#[derive(Clone, Debug)]
pub(crate) struct Fairness {
    /// The configuration in which it begins.
    pub(crate) entry: u32,
    /// The edges of the cycle; none where everything stands still.
    pub(crate) cycle: Vec<Edge>,
}

/// Looks for a fair run that stays within a region and takes only some of its edges.
pub(crate) fn fair_loop(
    graph: &Graph<'_, '_>,
    region: &[u32],
    within: impl Fn(&Config, Action) -> bool,
) -> Option<Fairness> {
    let mut inner: DiGraph<u32, ()> = DiGraph::new();
    let ids: HashMap<u32, NodeIndex> = region.iter().map(|at| (*at, inner.add_node(*at))).collect();
    for at in region.iter().copied() {
        let config = graph.config(at);
        for edge in graph.edges(at).iter().filter(|edge| edge.to != at && within(&config, edge.action)) {
            if let Some(to) = ids.get(&edge.to) {
                inner.add_edge(ids[&at], *to, ());
            }
        }
    }
    let mut best: Option<Fairness> = None;
    for component in kosaraju_scc(&inner) {
        let mut members: Vec<u32> = component.iter().map(|node| inner[*node]).collect();
        members.sort_unstable();
        if best.as_ref().is_none_or(|best| members[0] < best.entry) && is_fair(graph, &members, &within) {
            let cycle = cycle_through(graph, &members, &within);
            best = Some(Fairness { entry: members[0], cycle });
        }
    }
    best
}

/// Whether a run can stay in a component and be fair: every step that it must take in the end is taken inside, or is
/// not possible somewhere inside.
fn is_fair(graph: &Graph<'_, '_>, members: &[u32], within: &impl Fn(&Config, Action) -> bool) -> bool {
    let mut always: Option<Vec<(u8, u32)>> = None;
    let mut taken: Vec<(u8, u32)> = Vec::new();
    for at in members {
        let config = graph.config(*at);
        let mut here = Vec::new();
        for edge in graph.edges(*at) {
            let Some(class) = obligation(graph, &config, edge.action) else { continue };
            here.push(class);
            if edge.to != *at && members.binary_search(&edge.to).is_ok() && within(&config, edge.action) {
                taken.push(class);
            }
        }
        match &mut always {
            None => always = Some(here),
            Some(always) => always.retain(|class| here.contains(class)),
        }
    }
    always.unwrap_or_default().iter().all(|class| taken.contains(class))
}

/// What has to happen in the end if it stays possible: the host and what it does there.
fn obligation(graph: &Graph<'_, '_>, config: &Config, action: Action) -> Option<(u8, u32)> {
    match action {
        Action::Step { host, step, .. } => {
            let taken = graph.composition.step_of(config, host, step);
            let (Input::Report(fact) | Input::Receive { fact, .. }) = taken.input else { return None };
            let notices = || graph.composition.has_lost_its_peer(config, usize::from(host));
            let fails = graph.composition.automaton(usize::from(host)).machine.fact(fact).carries_cause;
            (taken.is_fair || fails && notices()).then_some((host, u32::from(fact.0)))
        }
        Action::Cut { .. } | Action::Disturb { .. } | Action::Kill { .. } | Action::Restart { .. } => None,
    }
}

/// A shortest cycle through the first member of a component; empty where there is none.
fn cycle_through(graph: &Graph<'_, '_>, members: &[u32], within: &impl Fn(&Config, Action) -> bool) -> Vec<Edge> {
    let start = members[0];
    let mut parents: HashMap<u32, (u32, Edge)> = HashMap::new();
    let mut worklist = VecDeque::from([start]);
    while let Some(at) = worklist.pop_front() {
        let config = graph.config(at);
        for edge in graph.edges(at).iter().filter(|edge| edge.to != at && within(&config, edge.action)) {
            if edge.to == start {
                let (mut cycle, mut at) = (vec![*edge], at);
                while at != start {
                    let (from, edge) = parents[&at];
                    cycle.push(edge);
                    at = from;
                }
                cycle.reverse();
                return cycle;
            }
            if members.binary_search(&edge.to).is_ok() && !parents.contains_key(&edge.to) {
                parents.insert(edge.to, (at, *edge));
                worklist.push_back(edge.to);
            }
        }
    }
    Vec::new()
}
