//! Walks from the start that take given edges in the fewest steps.

use std::collections::BTreeMap;

use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;
use petgraph::unionfind::UnionFind;

use super::graph::{Edge, Graph, Way};

/// A way that cannot be gone.
const NEVER: i64 = 1 << 32;

/// Shortest ways from nodes, as far as somebody asked for them: for each node that a search reached, the length of the
/// way and its last edge.
#[derive(Clone, Debug, Default)]
pub(super) struct Ways(BTreeMap<usize, Vec<Way>>);

/// Returns walks from the initial node that take every given edge.
pub(super) fn walks<'g>(graph: &'g Graph, chosen: &[usize], ways: &mut Ways) -> Vec<Vec<&'g Edge>> {
    let mut tour = Tour { graph, taken: chosen.to_vec(), ways };
    tour.balance();
    tour.join();
    let walks = tour.cut();
    walks.into_iter().map(|walk| walk.into_iter().map(|edge| &graph.edges[edge]).collect()).collect()
}

struct Tour<'g, 'w> {
    graph: &'g Graph,
    /// The edges of the tour, each as often as it is taken.
    taken: Vec<usize>,
    ways: &'w mut Ways,
}

impl Tour<'_, '_> {
    /// How often more each node is left than entered.
    fn surplus(&self) -> Vec<i64> {
        let mut surplus = vec![0_i64; self.graph.nodes];
        for edge in self.taken.iter().map(|edge| &self.graph.edges[*edge]) {
            surplus[edge.from] += 1;
            surplus[edge.to] -= 1;
        }
        surplus
    }

    fn ways(&mut self, start: usize) -> &[Way] {
        let graph = self.graph;
        self.ways.0.entry(start).or_insert_with(|| graph.distances(start))
    }

    /// Adds ways to the nodes that are left more often than entered: from the start, or from where another walk ends.
    fn balance(&mut self) {
        let surplus = self.surplus();
        let units = |wanted: i64| {
            let nodes = surplus.iter().enumerate().skip(1);
            nodes.flat_map(move |(node, count)| std::iter::repeat_n(node, (count * wanted).max(0) as usize))
        };
        let (wanting, ending): (Vec<usize>, Vec<usize>) = (units(1).collect(), units(-1).collect());
        if wanting.is_empty() {
            return;
        }
        let starts: Vec<usize> = ending.iter().copied().chain(std::iter::repeat_n(0, wanting.len())).collect();
        let mut costs = Matrix::new(wanting.len(), starts.len(), NEVER);
        for (row, to) in wanting.iter().enumerate() {
            for (column, from) in starts.iter().enumerate() {
                if let Some((steps, _)) = self.ways(*from)[*to] {
                    costs[(row, column)] = i64::try_from(steps).unwrap_or(NEVER);
                }
            }
        }
        let (_, assigned) = kuhn_munkres_min(&costs);
        for (row, column) in assigned.into_iter().enumerate() {
            self.add_way(starts[column], wanting[row]);
        }
    }

    fn add_way(&mut self, from: usize, to: usize) {
        let graph = self.graph;
        let mut at = to;
        while let Some(Some((_, Some(edge)))) = self.ways(from).get(at).copied() {
            self.taken.push(edge);
            at = graph.edges[edge].from;
        }
    }

    /// Adds ways from the start to the parts of the tour that have nothing in common with it.
    fn join(&mut self) {
        loop {
            let mut parts = UnionFind::<usize>::new(self.graph.nodes);
            for edge in &self.taken {
                parts.union(self.graph.edges[*edge].from, self.graph.edges[*edge].to);
            }
            let apart: Vec<usize> = self.taken.iter().map(|edge| self.graph.edges[*edge].from).collect();
            let distances = self.ways(0).to_vec();
            let steps = |node: &usize| distances[*node].map_or(usize::MAX, |(steps, _)| steps);
            let nearest = apart.into_iter().filter(|node| !parts.equiv(0, *node)).min_by_key(steps);
            let Some(nearest) = nearest else { return };
            self.add_way(0, nearest);
        }
    }

    /// Cuts an Euler tour of the taken edges at the returns to the start. A node that is entered more often than left
    /// has a return for each time.
    fn cut(&self) -> Vec<Vec<usize>> {
        let mut returns: Vec<i64> = self.surplus().into_iter().map(|surplus| (-surplus).max(0)).collect();
        returns[0] = 0;
        let mut left: Vec<Vec<usize>> = vec![Vec::new(); self.graph.nodes];
        self.taken.iter().rev().for_each(|edge| left[self.graph.edges[*edge].from].push(*edge));
        // Hierholzer 1873: `None` is a return.
        let mut stack: Vec<(usize, Option<usize>)> = vec![(0, None)];
        let mut tour: Vec<Option<usize>> = Vec::new();
        while let Some((at, by)) = stack.last().copied() {
            if let Some(edge) = left[at].pop() {
                stack.push((self.graph.edges[edge].to, Some(edge)));
            } else if returns[at] > 0 {
                returns[at] -= 1;
                stack.push((0, None));
            } else {
                stack.pop();
                tour.push(by);
            }
        }
        tour.reverse();
        let walks = tour.split(|by| by.is_none()).map(|walk| walk.iter().copied().flatten().collect());
        walks.filter(|walk: &Vec<usize>| !walk.is_empty()).collect()
    }
}
