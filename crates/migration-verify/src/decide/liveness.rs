//! What must happen in the end, if every host that can go on does so.

use crate::composition::Action;
use crate::config::{Config, Locals};
use crate::counterexample::Counterexample;
use crate::formula::Formula;
use crate::graph::{Edge, Graph};
use crate::happening::Happening;
use crate::names::Invalid;
use crate::property::Outcome;

use super::fairness::fair_loops;
use super::safety::holds;

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
    let is_met = |locals: &Locals| goal.holds(locals) || waits.as_ref().is_some_and(|waits| waits.holds(locals));
    let (mut pending, mut is_vacuous) = (Pending::none(graph), true);
    for at in (0..graph.len()).filter(|at| begins.is_near(graph.locals(*at))) {
        for edge in graph.edges(at).iter().filter(|edge| begins.is(graph.locals(at), edge.action)) {
            is_vacuous = false;
            pending.add(edge.to, edge.to, || is_met(graph.locals(edge.to)));
        }
    }
    // The search goes on in the order of the graph, so that the obligation that fails is an early one.
    let mut next = 0;
    while let Some(at) = pending.nodes.get(next).copied() {
        graph.edges(at).iter().for_each(|edge| pending.add(edge.to, at, || is_met(graph.locals(edge.to))));
        next += 1;
    }
    let mut region = pending.nodes.clone();
    region.sort_unstable();
    let Some(found) = fair_loops(graph, &region, |_| true, |_| 0).remove(&0) else {
        return Ok(if is_vacuous {
            Outcome::Vacuous { because: format!("`{whenever}` never happens") }
        } else {
            holds()
        });
    };
    let run = pending.path_to(graph, found.entry);
    let begun = run.first().map_or(found.entry, |(from, _)| *from);
    let mut whole = run_to_beginning(graph, begun, &begins);
    whole.extend(run.into_iter().map(|(_, edge)| (edge.action, graph.config(edge.to))));
    let repeats_from = (!found.cycle.is_empty()).then_some(whole.len());
    whole.extend(found.cycle.iter().map(|edge| (edge.action, graph.config(edge.to))));
    let because = format!("`{eventually}` need never hold after `{whenever}`");
    Ok(Outcome::Fails(Box::new(Counterexample::tell(graph.composition, &whole, repeats_from, because))))
}

/// The configurations in which something is still to come, in the order in which they are found.
struct Pending {
    nodes: Vec<u32>,
    /// For each configuration of the graph the one from which it was found: itself where it is a beginning.
    parents: Vec<u32>,
}

impl Pending {
    const NOT_FOUND: u32 = u32::MAX;
    /// What was to come has come there.
    const MET: u32 = u32::MAX - 1;

    fn none(graph: &Graph<'_, '_>) -> Pending {
        Pending { nodes: Vec::new(), parents: vec![Pending::NOT_FOUND; graph.len() as usize] }
    }

    /// Adds a configuration that was found from another one, unless it is known, or what was to come has come there.
    fn add(&mut self, at: u32, from: u32, is_met: impl FnOnce() -> bool) {
        let parent = &mut self.parents[at as usize];
        if *parent != Pending::NOT_FOUND {
            return;
        }
        *parent = if is_met() { Pending::MET } else { from };
        if *parent == from {
            self.nodes.push(at);
        }
    }

    /// A shortest path from a beginning, each edge with the configuration that it comes from.
    fn path_to<'g>(&self, graph: &'g Graph<'_, '_>, at: u32) -> Vec<(u32, &'g Edge)> {
        let (mut path, mut at) = (Vec::new(), at);
        while self.parents[at as usize] != at {
            let from = self.parents[at as usize];
            path.extend(graph.edges(from).iter().find(|edge| edge.to == at).map(|edge| (from, edge)));
            at = from;
        }
        path.reverse();
        path
    }
}

/// A shortest run whose last step is a beginning that leads to a configuration.
fn run_to_beginning(graph: &Graph<'_, '_>, at: u32, begins: &Happening) -> Vec<(Action, Config)> {
    for from in 0..graph.len() {
        let edge = graph.edges(from).iter().find(|edge| edge.to == at && begins.is(graph.locals(from), edge.action));
        if let Some(edge) = edge {
            let mut run = graph.run_to(from);
            run.push((edge.action, graph.config(at)));
            return run;
        }
    }
    graph.run_to(at)
}
