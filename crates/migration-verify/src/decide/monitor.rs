//! Monitors: what breaks a promise, walked together with the graph.

use crate::composition::{Action, Composition};
use crate::config::{Config, Locals};
use crate::graph::{Edge, Graph};
use crate::per_step::PerStep;
use crate::under::{Older, Timing};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Outside,
    Inside,
    Broken,
}

/// What breaks a promise.
#[derive(Debug)]
pub(super) enum Monitor {
    /// A step: the phase after each step of each host, if the one before it is outside or inside.
    Steps(PerStep<[Phase; 2]>),
    /// A configuration: whether each of the graph does.
    Places(Vec<bool>),
}

impl Monitor {
    /// `next` says in which phase a step of a host leaves the monitor.
    pub(super) fn of_steps(composition: &Composition<'_>, next: impl Fn(Phase, &Locals, Action) -> Phase) -> Monitor {
        let after = |locals: &Locals, action| [Phase::Outside, Phase::Inside].map(|phase| next(phase, locals, action));
        Monitor::Steps(PerStep::new(composition, |locals, action, _| after(locals, action)))
    }

    /// `is_bad` says which configurations break it.
    pub(super) fn of_places(graph: &Graph<'_, '_>, is_bad: impl Fn(&Locals) -> bool) -> Monitor {
        Monitor::Places((0..graph.len()).map(|at| is_bad(graph.locals(at))).collect())
    }

    /// Walks the graph from outside, with a clock if there is one, and returns a shortest run that breaks the monitor.
    pub(super) fn run(&self, graph: &Graph<'_, '_>, timing: Option<&Timing<'_, '_, '_>>) -> Option<Run> {
        match timing {
            None => self.by(graph, 1, |at, _| graph.edges(at).iter().map(|edge| (edge, 0))),
            Some(timing) => self.by(graph, timing.variants(), |at, older| timing.edges(at, older)),
        }
    }

    /// `edges` gives those out of a configuration, with the waits that are older after each.
    fn by<'e, E: Iterator<Item = (&'e Edge, Older)>>(
        &self,
        graph: &Graph<'_, '_>,
        variants: u32,
        edges: impl Fn(u32, Older) -> E,
    ) -> Option<Run> {
        match self {
            // Only steps of hosts change the phase.
            Monitor::Steps(next) => walk(graph, variants, edges, |phase, at, edge| {
                let next = next.get(graph.locals(at), edge.action);
                next.map_or(phase, |next| next[usize::from(phase == Phase::Inside)])
            }),
            Monitor::Places(bad) if bad[0] => Some(Run::new()),
            Monitor::Places(bad) => walk(graph, variants, edges, |_, _, edge| match bad[edge.to as usize] {
                true => Phase::Broken,
                false => Phase::Outside,
            }),
        }
    }
}

/// A breadth-first search over configurations, waits that are older, and phases. `after` says in which phase an edge out
/// of a configuration leaves the monitor.
fn walk<'e, E: Iterator<Item = (&'e Edge, Older)>>(
    graph: &Graph<'_, '_>,
    variants: u32,
    edges: impl Fn(u32, Older) -> E,
    after: impl Fn(Phase, u32, &Edge) -> Phase,
) -> Option<Run> {
    let nodes = Nodes { variants };
    let mut found = vec![0];
    // The node from which each one was found.
    let mut parents = vec![NOT_FOUND; graph.len() as usize * variants as usize * 2];
    assert!(u32::try_from(parents.len()).is_ok(), "a graph that fits into memory has numbers for all of this");
    parents[0] = 0;
    let run_to = |mut node: u32, parents: &[u32]| {
        let mut run = Run::new();
        while node != 0 {
            let (before, older, phase) = nodes.place(parents[node as usize]);
            let leads =
                |(edge, older): &(&Edge, Older)| nodes.number(edge.to, *older, after(phase, before, edge)) == node;
            let edge = edges(before, older).find(leads);
            run.extend(edge.map(|(edge, _)| (edge.action, graph.config(edge.to))));
            node = parents[node as usize];
        }
        run.reverse();
        run
    };
    let mut expanded = 0;
    while let Some(node) = found.get(expanded).copied() {
        expanded += 1;
        let (at, older, phase) = nodes.place(node);
        for (edge, older) in edges(at, older) {
            let phase = after(phase, at, edge);
            if phase == Phase::Broken {
                let mut run = run_to(node, &parents);
                run.push((edge.action, graph.config(edge.to)));
                return Some(run);
            }
            let to = nodes.number(edge.to, older, phase);
            let parent = &mut parents[to as usize];
            if *parent == NOT_FOUND {
                *parent = node;
                found.push(to);
            }
        }
    }
    None
}

/// The steps of a run, each with the configuration after it.
pub(super) type Run = Vec<(Action, Config)>;

const NOT_FOUND: u32 = u32::MAX;

/// Configurations, waits that are older, and phases, each in one number.
struct Nodes {
    /// How many sets of waits there are.
    variants: u32,
}

impl Nodes {
    fn number(&self, at: u32, older: Older, phase: Phase) -> u32 {
        (at * self.variants + u32::from(older)) * 2 + u32::from(phase == Phase::Inside)
    }

    fn place(&self, node: u32) -> (u32, Older, Phase) {
        let (rest, phase) = (node / 2, if node.is_multiple_of(2) { Phase::Outside } else { Phase::Inside });
        (rest / self.variants, Older::try_from(rest % self.variants).unwrap_or(0), phase)
    }
}
