//! A graph once more, in which timeouts wait for each other.
//!
//! A clock takes steps away and adds none, and what it has to know is which of two waits is older. So what can happen
//! with a clock is walked on the graph without one, beside a bit for each acceptor: no step is taken a second time.

use super::{Edge, Figures, Graph, index};
use crate::clock;
use crate::composition::Action;
use crate::config::HOSTS_MAX;

/// A configuration that was not found yet.
const NEW: u32 = u32::MAX;

/// The acceptors whose wait is older than that of the first host, as a bit set: the first one lowest.
type Older = u8;

impl<'c, 't> Graph<'c, 't> {
    /// The graph that the composition has with this clock, of at most so many configurations. This one has no clock,
    /// and is exhausted.
    pub(crate) fn under(&self, clock: &clock::Table, configurations_max: usize) -> Graph<'c, 't> {
        let (composition, decisive) = (self.composition, decisive(self, clock));
        let (variants, ages) = (1 << (composition.hosts.len() - 1), Ages::new(composition.hosts.len()));
        let mut numbers = vec![NEW; self.packed.len() * variants];
        numbers[0] = 0;
        let (mut found, mut parents) = (vec![(0, 0)], vec![(0, 0)]);
        let (mut first_edge, mut edges) = (Vec::new(), Vec::with_capacity(self.edges.len()));
        while first_edge.len() < found.len() && found.len() < configurations_max {
            let at = first_edge.len();
            first_edge.push(index(edges.len()));
            let (old, older) = found[at];
            let held = if decisive[old as usize] == 0 { 0 } else { held_back(self, clock, (old, older)) };
            for edge in self.edges(old) {
                if edge.effect.is_timeout && is_of(edge, held) {
                    continue;
                }
                let older = ages.after(older, edge) & decisive[edge.to as usize];
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
        let layout = &composition.layout;
        let pack = |(old, older): &(u32, Older)| layout.with_older(self.packed[*old as usize], *older);
        let figures = Figures {
            configurations: found.len(),
            transitions: edges.len(),
            is_exhausted: self.figures.is_exhausted && found.len() < configurations_max,
            ..self.figures
        };
        Graph {
            composition,
            packed: found.iter().map(pack).collect(),
            locals: found.iter().map(|(old, _)| self.locals[*old as usize]).collect(),
            first_edge,
            edges,
            parents,
            figures,
        }
    }
}

/// For each configuration the acceptors for which it matters which wait is older.
fn decisive(graph: &Graph<'_, '_>, clock: &clock::Table) -> Vec<Older> {
    let of = |at: u32| {
        let decide =
            (1..graph.composition.hosts.len()).filter(|acceptor| clock.get(graph.locals(at), *acceptor).decide());
        decide.fold(0, |older, acceptor| older | 1 << (acceptor - 1))
    };
    (0..graph.len()).map(of).collect()
}

/// The hosts whose timeouts cannot run out yet, as a bit set.
fn held_back(graph: &Graph<'_, '_>, clock: &clock::Table, (at, older): (u32, Older)) -> u8 {
    (1..graph.composition.hosts.len()).fold(0, |held, acceptor| {
        let (firsts, is_older) = (clock.get(graph.locals(at), acceptor), older >> (acceptor - 1) & 1 != 0);
        let opener = u8::from(firsts.hold_back(0, is_older));
        held | opener | u8::from(firsts.hold_back(acceptor, is_older)) << acceptor
    })
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
