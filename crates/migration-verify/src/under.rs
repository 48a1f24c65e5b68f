//! A graph once more, in which timeouts wait for each other.
//!
//! A clock takes steps away and adds none, and what it has to know is which of two waits is older. So what can happen
//! with a clock is walked on the graph without one, beside a bit for each acceptor: no step is taken a second time.

use crate::clock;
use crate::composition::Action;
use crate::config::HOSTS_MAX;
use crate::graph::{Edge, Figures, Graph, index};

/// A configuration that was not found yet.
const NEW: u32 = u32::MAX;

/// The acceptors whose wait is older than that of the first host, as a bit set: the first one lowest.
pub(crate) type Older = u8;

/// What a clock allows on the graph without one.
pub(crate) struct Timing<'g, 'c, 't> {
    graph: &'g Graph<'c, 't>,
    clock: clock::Table,
    /// For each configuration the acceptors for which it matters which wait is older.
    decisive: Vec<Older>,
    ages: Ages,
}

impl<'g, 'c, 't> Timing<'g, 'c, 't> {
    pub(crate) fn new(graph: &'g Graph<'c, 't>, clock: clock::Table) -> Timing<'g, 'c, 't> {
        let hosts = graph.composition.hosts.len();
        let decides = |at: u32, acceptor: usize| clock.get(graph.locals(at), acceptor).decide();
        let of =
            |at: u32| (1..hosts).fold(0, |older, acceptor| older | u8::from(decides(at, acceptor)) << (acceptor - 1));
        Timing { decisive: (0..graph.len()).map(of).collect(), ages: Ages::new(hosts), graph, clock }
    }

    /// How many sets of acceptors there are.
    pub(crate) fn variants(&self) -> u32 {
        1 << (self.graph.composition.hosts.len() - 1)
    }

    /// The edges out of a configuration that can be taken, each with the waits that are older after it.
    pub(crate) fn edges(&self, at: u32, older: Older) -> impl Iterator<Item = (&'g Edge, Older)> + '_ {
        let held = if self.decisive[at as usize] == 0 { 0 } else { self.held_back(at, older) };
        let possible = move |edge: &&Edge| !(edge.effect.is_timeout && is_of(edge, held));
        let after = move |edge: &'g Edge| (edge, self.ages.after(older, edge) & self.decisive[edge.to as usize]);
        self.graph.edges(at).iter().filter(possible).map(after)
    }

    /// The hosts whose timeouts cannot run out yet, as a bit set.
    fn held_back(&self, at: u32, older: Older) -> u8 {
        (1..self.graph.composition.hosts.len()).fold(0, |held, acceptor| {
            let firsts = self.clock.get(self.graph.locals(at), acceptor);
            let is_older = older >> (acceptor - 1) & 1 != 0;
            let opener = u8::from(firsts.hold_back(0, is_older));
            held | opener | u8::from(firsts.hold_back(acceptor, is_older)) << acceptor
        })
    }

    /// The graph that the composition has with this clock, of at most so many configurations. The one without a clock is
    /// exhausted.
    pub(crate) fn graph(&self, configurations_max: usize) -> Graph<'c, 't> {
        let (graph, variants) = (self.graph, self.variants() as usize);
        let mut numbers = vec![NEW; graph.packed.len() * variants];
        numbers[0] = 0;
        let (mut found, mut parents) = (vec![(0, 0)], vec![(0, 0)]);
        let (mut first_edge, mut edges) = (Vec::new(), Vec::with_capacity(graph.edges.len()));
        while first_edge.len() < found.len() && found.len() < configurations_max {
            let at = first_edge.len();
            first_edge.push(index(edges.len()));
            let (old, older) = found[at];
            for (edge, older) in self.edges(old, older) {
                let to = &mut numbers[edge.to as usize * variants + usize::from(older)];
                if *to == NEW {
                    *to = index(found.len());
                    found.push((edge.to, older));
                    parents.push((index(at), index(edges.len())));
                }
                edges.push(Edge { to: *to, ..*edge });
            }
        }
        first_edge.resize(found.len() + 1, index(edges.len()));
        let layout = &graph.composition.layout;
        let pack = |(old, older): &(u32, Older)| layout.with_older(graph.packed[*old as usize], *older);
        let figures = Figures {
            configurations: found.len(),
            transitions: edges.len(),
            is_exhausted: graph.figures.is_exhausted && found.len() < configurations_max,
            ..graph.figures
        };
        Graph {
            composition: graph.composition,
            packed: found.iter().map(pack).collect(),
            locals: found.iter().map(|(old, _)| graph.locals[*old as usize]).collect(),
            first_edge,
            edges,
            parents,
            figures,
        }
    }
}

/// Whether the host that acts is one of these.
fn is_of(edge: &Edge, hosts: u8) -> bool {
    matches!(edge.action, Action::Step { host, .. } if hosts >> host & 1 != 0)
}

/// Which waits are older after a host has entered a state: those of all others.
struct Ages {
    /// For each host, and for none, the waits that stay older, and those that become so.
    by_host: [(Older, Older); HOSTS_MAX + 1],
}

impl Ages {
    fn new(hosts: usize) -> Ages {
        let all = (1 << (hosts - 1)) - 1;
        let mut by_host = [(all, 0); HOSTS_MAX + 1];
        by_host[0] = (all, all);
        (1..hosts).for_each(|acceptor| by_host[acceptor].0 &= !(1 << (acceptor - 1)));
        Ages { by_host }
    }

    fn after(&self, older: Older, edge: &Edge) -> Older {
        let (stays, becomes) = self.by_host[usize::from(edge.effect.moved)];
        older & stays | becomes
    }
}
