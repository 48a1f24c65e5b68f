//! Monitors with two phases, walked together with the graph.

use crate::composition::{Action, Composition};
use crate::config::{Config, HOSTS_MAX, LocalId, Locals};
use crate::graph::{Edge, Graph};

/// Where a monitor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Outside,
    Inside,
    Broken,
}

/// What each step of each host does to a monitor: it is asked once for a step, and not wherever the step is taken.
#[derive(Debug)]
pub(super) struct Monitor {
    /// For each host and configuration of it the place of its first step.
    first: [Vec<usize>; HOSTS_MAX],
    /// For each step the phase after it, if the one before it is outside or inside.
    next: Vec<[Phase; 2]>,
}

impl Monitor {
    /// `next` says in which phase a step of a host leaves the monitor.
    pub(super) fn new(composition: &Composition<'_>, next: impl Fn(Phase, &Locals, Action) -> Phase) -> Monitor {
        let mut monitor = Monitor { first: Default::default(), next: Vec::new() };
        for host in 0..composition.hosts.len() {
            for (local, steps) in composition.automaton(host).steps.iter().enumerate() {
                let mut locals = Locals::default();
                locals[host] = LocalId::try_from(local).unwrap_or(LocalId::MAX);
                monitor.first[host].push(monitor.next.len());
                for step in 0..steps.len() {
                    let (host, step) = (u8::try_from(host).unwrap_or(0), u16::try_from(step).unwrap_or(u16::MAX));
                    let action = Action::Step { host, step, peer: 0 };
                    monitor.next.push([Phase::Outside, Phase::Inside].map(|phase| next(phase, &locals, action)));
                }
            }
        }
        monitor
    }

    /// The phase after an edge. Only steps of hosts change it.
    fn after(&self, phase: Phase, locals: &Locals, edge: &Edge) -> Phase {
        match edge.action {
            Action::Step { host, step, .. } => {
                let host = usize::from(host);
                let first = self.first[host][usize::from(locals[host])];
                self.next[first + usize::from(step)][usize::from(phase == Phase::Inside)]
            }
            Action::Cut { .. } | Action::Disturb { .. } | Action::Kill { .. } | Action::Restart { .. } => phase,
        }
    }

    /// Walks the graph from outside, and returns a shortest run that breaks the monitor.
    pub(super) fn run(&self, graph: &Graph<'_, '_>) -> Option<Vec<(Action, Config)>> {
        let mut walk = Walk { found: vec![0], parents: vec![NOT_FOUND; graph.len() as usize * 2] };
        walk.parents[0] = 0;
        let mut expanded = 0;
        while let Some(node) = walk.found.get(expanded).copied() {
            expanded += 1;
            let (at, phase) = place(node);
            let locals = graph.locals(at);
            for edge in graph.edges(at) {
                match self.after(phase, locals, edge) {
                    Phase::Broken => {
                        let mut run = self.run_to(graph, &walk, node);
                        run.push((edge.action, graph.config(edge.to)));
                        return Some(run);
                    }
                    next @ (Phase::Outside | Phase::Inside) => walk.reach(node, self::node(edge.to, next)),
                }
            }
        }
        None
    }

    fn run_to(&self, graph: &Graph<'_, '_>, walk: &Walk, mut node: u32) -> Vec<(Action, Config)> {
        let mut run = Vec::new();
        while node != 0 {
            let from = walk.parents[node as usize];
            let ((before, phase), (at, reached)) = (place(from), place(node));
            let leads = |edge: &&Edge| edge.to == at && self.after(phase, graph.locals(before), edge) == reached;
            run.extend(graph.edges(before).iter().find(leads).map(|edge| (edge.action, graph.config(at))));
            node = from;
        }
        run.reverse();
        run
    }
}

const NOT_FOUND: u32 = u32::MAX;

/// A breadth-first search over configurations and phases.
struct Walk {
    found: Vec<u32>,
    /// The node from which each one was found.
    parents: Vec<u32>,
}

impl Walk {
    fn reach(&mut self, from: u32, to: u32) {
        if self.parents[to as usize] == NOT_FOUND {
            self.parents[to as usize] = from;
            self.found.push(to);
        }
    }
}

/// A configuration and a phase in one number.
fn node(at: u32, phase: Phase) -> u32 {
    at * 2 + u32::from(phase == Phase::Inside)
}

fn place(node: u32) -> (u32, Phase) {
    (node / 2, if node.is_multiple_of(2) { Phase::Outside } else { Phase::Inside })
}
