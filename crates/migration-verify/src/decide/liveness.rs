//! What must happen in the end, if every host that can go on does so.
//!
//! A run is unfair to a step that stays possible for ever and is never taken, where the step is work that finishes, a
//! timeout that runs out, a message that arrives, or a broken connection that is noticed. Users, operators, deaths and
//! further breaks need not come. A property fails on a strongly connected component in which some run is fair (weak
//! fairness: Lichtenstein and Pnueli 1985), or on a configuration in which nothing has to happen any more.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::FxHashMap;

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
use migration_table::search::BreadthFirst;

pub(super) fn leads_to(
    graph: &Graph<'_, '_>,
    whenever: &str,
    eventually: &str,
    waiting: Option<&str>,
) -> Result<Outcome, Invalid> {
    let begins = Happening::parse(whenever, &graph.composition.scope())?;
    let scope = graph.composition.scope();
    let goal = Formula::parse(eventually, &scope)?;
    let waits = waiting.map(|formula| Formula::parse(formula, &scope)).transpose()?;
    let is_met = |config: &Config| goal.holds(config) || waits.as_ref().is_some_and(|waits| waits.holds(config));
    let open: Vec<bool> = (0..graph.len()).map(|at| !is_met(&graph.config(at))).collect();
    let (mut search, mut is_vacuous) = (BreadthFirst::new([]), true);
    for at in 0..graph.len() {
        let config = graph.config(at);
        for edge in graph.edges(at).iter().filter(|edge| begins.is(&config, edge.action)) {
            is_vacuous = false;
            if open[edge.to as usize] {
                search.start(edge.to);
            }
        }
    }
    // The search goes on in the order of the graph, so that the obligation that fails is an early one.
    while let Some((number, at)) = search.next_node() {
        for edge in graph.edges(at).iter().filter(|edge| open[edge.to as usize]) {
            search.reach(number, (at, *edge), edge.to);
        }
    }
    let mut region = search.nodes().to_vec();
    region.sort_unstable();
    let Some(found) = fair_loop(graph, &region, |_, _| true) else {
        return Ok(if is_vacuous {
            Outcome::Vacuous { because: format!("`{whenever}` never happens") }
        } else {
            holds()
        });
    };
    let number = search.nodes().iter().position(|at| *at == found.entry).expect("a region is what the search found");
    let run = search.path_to(number);
    let begun = run.first().map_or(found.entry, |(from, _)| *from);
    let mut whole = run_to_beginning(graph, begun, &begins);
    whole.extend(run.into_iter().map(|(_, edge)| (edge.action, graph.config(edge.to))));
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
    let ids: FxHashMap<u32, NodeIndex> = region.iter().map(|at| (*at, inner.add_node(*at))).collect();
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
            let (Input::Report { event: fact, .. } | Input::Receive { fact, .. }) = taken.input else { return None };
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
    let mut search = BreadthFirst::new([start]);
    while let Some((number, at)) = search.next_node() {
        let config = graph.config(at);
        for edge in graph.edges(at).iter().filter(|edge| edge.to != at && within(&config, edge.action)) {
            if edge.to == start {
                return search.path_to(number).into_iter().chain([edge]).copied().collect();
            }
            if members.binary_search(&edge.to).is_ok() {
                search.reach(number, *edge, edge.to);
            }
        }
    }
    Vec::new()
}
