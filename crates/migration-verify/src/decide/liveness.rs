//! What must happen in the end, if every host that can go on does so.
//!
//! A run is unfair to a step that stays possible for ever and is never taken, where the step is work that finishes, a
//! timeout that runs out, a message that arrives, or a connection whose end the peer says. Users, operators, deaths and
//! breaks need not come, and of a death or a break nobody need ever hear. A property fails on a strongly connected
//! component in which some run is fair (weak fairness: Lichtenstein and Pnueli 1985), or on a configuration in which
//! nothing has to happen any more.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use crate::automaton::Input;
use crate::composition::Action;
use crate::config::{Config, Locals};
use crate::counterexample::Counterexample;
use crate::formula::Formula;
use crate::graph::{Edge, Graph};
use crate::happening::Happening;
use crate::names::Invalid;
use crate::property::Outcome;

use super::components::Components;
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

/// A run that can go on for ever within a region.
#[derive(Clone, Debug)]
pub(crate) struct Fairness {
    /// The configuration in which it begins.
    pub(crate) entry: u32,
    /// The edges of the cycle; none where everything stands still.
    pub(crate) cycle: Vec<Edge>,
}

/// Looks for fair runs that stay within a region and take only some of its edges: the first of each group. No such edge
/// leads from one group to another.
pub(crate) fn fair_loops(
    graph: &Graph<'_, '_>,
    region: &[u32],
    within: impl Fn(&Edge) -> bool,
    group: impl Fn(u32) -> usize,
) -> BTreeMap<usize, Fairness> {
    let mut best: BTreeMap<usize, Fairness> = BTreeMap::new();
    let components = Components::of(graph, region, &within);
    for members in components.each() {
        let (entry, group) = (members[0], group(members[0]));
        if best.get(&group).is_none_or(|best| entry < best.entry) && is_fair(graph, members, &components, &within) {
            let cycle = cycle_through(graph, entry, &components, &within);
            best.insert(group, Fairness { entry, cycle });
        }
    }
    best
}

/// Whether a run can stay in a component and be fair: every step that it must take in the end is taken inside, or is
/// not possible somewhere inside. A timeout need not run out where its host enters states again and again: it begins anew
/// with each visit, also where a row leads back to its own state.
fn is_fair(graph: &Graph<'_, '_>, members: &[u32], components: &Components, within: &impl Fn(&Edge) -> bool) -> bool {
    let obligations = |at: u32| graph.edges(at).iter().filter_map(move |edge| obligation(graph, at, edge));
    let is_inside = |at: u32, edge: &&Edge| goes_on(at, edge) && components.is_one(at, edge.to) && within(edge);
    let [first, others @ ..] = members else { return false };
    if others.is_empty() && !graph.edges(*first).iter().any(|edge| is_inside(*first, &edge)) {
        return obligations(*first).next().is_none();
    }
    let mut always: Vec<Obligation> = obligations(*first).collect();
    for at in others {
        if always.is_empty() {
            break;
        }
        let here: Vec<Obligation> = obligations(*at).collect();
        always.retain(|class| here.contains(class));
    }
    if always.is_empty() {
        return true;
    }
    let inside = members.iter().flat_map(|at| graph.edges(*at).iter().map(move |edge| (*at, edge)));
    let inside: Vec<(u32, &Edge)> = inside.filter(|(at, edge)| is_inside(*at, edge)).collect();
    let moved: FxHashSet<u8> = inside.iter().map(|(_, edge)| edge.effect.moved).collect();
    always.retain(|class| !(class.is_timeout && moved.contains(&class.host)));
    let taken: FxHashSet<Obligation> =
        inside.into_iter().filter_map(|(at, edge)| obligation(graph, at, edge)).collect();
    always.iter().all(|class| taken.contains(class))
}

/// Whether an edge is a step of a run, and not a fact that changes nothing. A row that leads back to its own state is one.
fn goes_on(at: u32, edge: &Edge) -> bool {
    edge.to != at || edge.effect.moves()
}

/// What has to happen in the end if it stays possible: the host and what it does there.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Obligation {
    host: u8,
    fact: u32,
    is_timeout: bool,
}

/// What an edge out of a configuration is for, if that has to happen in the end.
fn obligation(graph: &Graph<'_, '_>, at: u32, edge: &Edge) -> Option<Obligation> {
    match edge.action {
        Action::Step { host, step, .. } => {
            let composition = graph.composition;
            let taken = composition.step_of(graph.locals(at), host, step);
            let (Input::Report { event: fact, .. } | Input::Receive { fact, .. }) = taken.input else { return None };
            let is_told = || composition.is_told_of_the_end(&graph.config(at), usize::from(host));
            let fails = || composition.automaton(usize::from(host)).machine.fact(fact).carries_cause;
            let is_timeout = taken.is_timeout;
            (taken.is_fair || fails() && is_told()).then_some(Obligation { host, fact: u32::from(fact.0), is_timeout })
        }
        Action::Cut { .. } | Action::Disturb { .. } | Action::Kill { .. } | Action::Restart { .. } => None,
    }
}

/// A shortest cycle through a configuration within its component; empty where there is none.
fn cycle_through(
    graph: &Graph<'_, '_>,
    start: u32,
    components: &Components,
    within: &impl Fn(&Edge) -> bool,
) -> Vec<Edge> {
    let mut search = BreadthFirst::new([start]);
    while let Some((number, at)) = search.next_node() {
        for edge in graph.edges(at).iter().filter(|edge| edge.to != at && within(edge)) {
            if edge.to == start {
                return search.path_to(number).into_iter().chain([edge]).copied().collect();
            }
            if components.is_one(start, edge.to) {
                search.reach(number, *edge, edge.to);
            }
        }
    }
    // It stands alone: a row that leads back to its own state, if there is one.
    let own = graph.edges(start).iter().find(|edge| edge.to == start && goes_on(start, edge) && within(edge));
    own.copied().into_iter().collect()
}
