//! The fewest steps with which walks take everything, where a search through all sets of what was taken can tell.
//!
//! Breadth-first search over the node and the targets that are taken so far, with three reasons not to go on: the same
//! node was reached in no more steps with at least the same targets; the targets that are left need so many steps that
//! the known walks are as short; or too much is stored, and then nothing was found out.

use super::graph::{Edge, Graph};

/// The most targets: they are the bits of a number.
const TARGETS_MAX: usize = 64;
/// The most configurations that are stored.
const STORED_MAX: usize = 60_000;
/// What an edge is worth in sums of shares of edges.
const WHOLE: u64 = 1 << 20;

/// Returns walks of fewer steps than the known ones; `None` if there are none, or if too much had to be stored.
pub(super) fn fewer(graph: &Graph, known: usize) -> Option<Vec<Vec<&Edge>>> {
    if graph.targets > TARGETS_MAX {
        return None;
    }
    let mut search = Search::new(graph, known);
    let last = search.run()?;
    Some(search.walks(last))
}

/// A configuration: where a walk is, and what was taken, by it and by the walks before it.
#[derive(Clone, Copy)]
struct Reached {
    node: usize,
    taken: u64,
    /// Where it comes from, and by which edge; without an edge the walk before it has ended.
    from: Option<(usize, Option<usize>)>,
}

struct Search<'g> {
    graph: &'g Graph,
    known: usize,
    all: u64,
    /// The targets of each edge.
    targets: Vec<u64>,
    /// For each target and node the steps until the target is taken, a return to the start included.
    steps: Vec<Vec<usize>>,
    /// For each target the least share of an edge that takes it.
    shares: Vec<u64>,
    reached: Vec<Reached>,
    /// For each node what was taken when it was reached, without what is part of another.
    best: Vec<Vec<u64>>,
}

impl<'g> Search<'g> {
    fn new(graph: &'g Graph, known: usize) -> Search<'g> {
        let bits = |edge: &Edge| edge.targets.iter().fold(0, |bits, target| bits | 1_u64 << target);
        let targets: Vec<u64> = graph.edges.iter().map(bits).collect();
        let all = targets.iter().fold(0, |all, bits| all | bits);
        let share = |target: usize| {
            let taking = targets.iter().filter(|bits| *bits & 1 << target != 0);
            taking.map(|bits| WHOLE / u64::from(bits.count_ones())).min().unwrap_or(0)
        };
        let shares = (0..graph.targets).map(share).collect();
        let steps = (0..graph.targets).map(|target| steps_to(graph, &targets, target)).collect();
        let best = vec![Vec::new(); graph.nodes];
        Search { graph, known, all, targets, steps, shares, reached: Vec::new(), best }
    }

    /// Returns the number of the first configuration in which everything is taken.
    fn run(&mut self) -> Option<usize> {
        self.reach(Reached { node: 0, taken: 0, from: None }, 0);
        let (mut level, mut steps) = (0..self.reached.len(), 0);
        while !level.is_empty() {
            steps += 1;
            let next = self.reached.len();
            for from in level {
                let Reached { node, taken, .. } = self.reached[from];
                for edge in &self.graph.out[node] {
                    let (to, taken) = (self.graph.edges[*edge].to, taken | self.targets[*edge]);
                    let number = self.reach(Reached { node: to, taken, from: Some((from, Some(*edge))) }, steps);
                    let Some(number) = number else { continue };
                    if taken == self.all {
                        return Some(number);
                    }
                    self.reach(Reached { node: 0, taken, from: Some((number, None)) }, steps);
                    if self.reached.len() > STORED_MAX {
                        return None;
                    }
                }
            }
            level = next..self.reached.len();
        }
        None
    }

    /// Stores a configuration, if it can lead to fewer steps than are known and is no worse than another one.
    fn reach(&mut self, new: Reached, steps: usize) -> Option<usize> {
        let known = &mut self.best[new.node];
        if known.iter().any(|taken| taken & new.taken == new.taken) {
            return None;
        }
        let left = (0..self.graph.targets).filter(|target| self.all & !new.taken & 1 << target != 0);
        let (mut furthest, mut shares) = (0, 0);
        for target in left {
            furthest = furthest.max(self.steps[target][new.node]);
            shares += self.shares[target];
        }
        let needed = furthest.max(usize::try_from(shares.div_ceil(WHOLE)).unwrap_or(usize::MAX));
        if steps.saturating_add(needed) >= self.known {
            return None;
        }
        known.retain(|taken| taken & new.taken != *taken);
        known.push(new.taken);
        self.reached.push(new);
        Some(self.reached.len() - 1)
    }

    /// The walks that lead to a configuration.
    fn walks(&self, last: usize) -> Vec<Vec<&'g Edge>> {
        let (mut walks, mut walk, mut at) = (Vec::new(), Vec::new(), self.reached[last].from);
        while let Some((from, by)) = at {
            match by {
                Some(edge) => walk.push(&self.graph.edges[edge]),
                None => walks.push(std::mem::take(&mut walk)),
            }
            at = self.reached[from].from;
        }
        walks.push(walk);
        walks.iter_mut().for_each(|walk| walk.reverse());
        walks.retain(|walk| !walk.is_empty());
        walks
    }
}

/// For each node the steps until the target is taken, from there or from the start.
fn steps_to(graph: &Graph, targets: &[u64], target: usize) -> Vec<usize> {
    let mut steps = vec![usize::MAX; graph.nodes];
    let mut level: Vec<usize> = Vec::new();
    for (edge, bits) in graph.edges.iter().zip(targets) {
        if bits & 1 << target != 0 && steps[edge.from] == usize::MAX {
            steps[edge.from] = 1;
            level.push(edge.from);
        }
    }
    let mut into = vec![Vec::new(); graph.nodes];
    graph.edges.iter().for_each(|edge| into[edge.to].push(edge.from));
    let mut count = 1;
    while !level.is_empty() {
        count += 1;
        let mut next = Vec::new();
        for from in level.iter().flat_map(|node| &into[*node]) {
            if steps[*from] == usize::MAX {
                steps[*from] = count;
                next.push(*from);
            }
        }
        level = next;
    }
    let from_start = steps[0];
    steps.into_iter().map(|steps| steps.min(from_start)).collect()
}
