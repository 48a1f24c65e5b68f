//! Searches over a graph that is given by what follows a node: breadth first with a path back, reachability, fixpoints.
//!
//! Graphs that are at hand as a whole, and questions about their components, are for `petgraph`. These are for graphs
//! that are found while they are searched.

use std::collections::BTreeSet;
use std::hash::Hash;

use rustc_hash::FxHashMap;

/// A breadth-first search. It numbers the nodes in the order in which it discovers them, and keeps the edge by which it
/// discovered each, so that it knows a shortest path to each.
#[derive(Clone, Debug)]
pub struct BreadthFirst<N, E = ()> {
    nodes: Vec<N>,
    // Invariant: holds every node of `nodes` with its index there.
    numbers: FxHashMap<N, usize>,
    /// By node, the node and the edge that lead to it; `None` for a start.
    parents: Vec<Option<(usize, E)>>,
    /// The number of nodes that were handed out.
    expanded: usize,
}

impl<N: Clone + Eq + Hash, E> BreadthFirst<N, E> {
    /// Begins a search at these nodes.
    #[must_use]
    pub fn new(starts: impl IntoIterator<Item = N>) -> BreadthFirst<N, E> {
        let (nodes, numbers, parents) = (Vec::new(), FxHashMap::default(), Vec::new());
        let mut search = BreadthFirst { nodes, numbers, parents, expanded: 0 };
        starts.into_iter().for_each(|start| search.start(start));
        search
    }

    /// Adds a start, unless it is discovered already.
    pub fn start(&mut self, node: N) {
        self.discover(node, None);
    }

    /// Adds a node to which an edge leads from the node with the number `from`, unless it is discovered already, and
    /// returns its number.
    pub fn reach(&mut self, from: usize, edge: E, to: N) -> usize {
        self.discover(to, Some((from, edge)))
    }

    fn discover(&mut self, node: N, parent: Option<(usize, E)>) -> usize {
        if let Some(number) = self.numbers.get(&node) {
            return *number;
        }
        let number = self.nodes.len();
        self.numbers.insert(node.clone(), number);
        self.nodes.push(node);
        self.parents.push(parent);
        number
    }

    /// Returns the next node to expand, with its number; `None` when the search is complete.
    pub fn next_node(&mut self) -> Option<(usize, N)> {
        let number = self.expanded;
        let node = self.nodes.get(number)?.clone();
        self.expanded += 1;
        Some((number, node))
    }

    /// Returns the nodes that are discovered, by their numbers.
    #[must_use]
    pub fn nodes(&self) -> &[N] {
        &self.nodes
    }

    /// Returns the start from which the path to the node with this number leads.
    #[must_use]
    pub fn start_of(&self, number: usize) -> &N {
        let mut at = number;
        while let Some((from, _)) = &self.parents[at] {
            at = *from;
        }
        &self.nodes[at]
    }

    /// Returns the edges of a shortest path from a start to the node with this number, first edge first.
    #[must_use]
    pub fn path_to(&self, number: usize) -> Vec<&E> {
        let mut edges = Vec::new();
        let mut at = number;
        while let Some((from, edge)) = &self.parents[at] {
            edges.push(edge);
            at = *from;
        }
        edges.reverse();
        edges
    }
}

/// Returns the starts and every node to which some path leads from them, each once, in breadth-first order.
pub fn reachable<N, I>(starts: impl IntoIterator<Item = N>, mut successors: impl FnMut(&N) -> I) -> Vec<N>
where
    N: Clone + Eq + Hash,
    I: IntoIterator<Item = N>,
{
    let mut search = BreadthFirst::new(starts);
    while let Some((number, node)) = search.next_node() {
        for to in successors(&node) {
            search.reach(number, (), to);
        }
    }
    search.nodes
}

/// Visits nodes, the smallest first, until none is left to visit. `visit` adds the nodes to which a change carries,
/// which may be ones that were visited before; it ends because values only grow, or only shrink.
///
/// # Errors
///
/// The first error of `visit`.
pub fn fixpoint<N: Ord, E>(
    starts: impl IntoIterator<Item = N>,
    mut visit: impl FnMut(N, &mut BTreeSet<N>) -> Result<(), E>,
) -> Result<(), E> {
    let mut worklist: BTreeSet<N> = starts.into_iter().collect();
    while let Some(node) = worklist.pop_first() {
        visit(node, &mut worklist)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::{BreadthFirst, fixpoint, reachable};

    /// Edges of a graph with a shortcut and a cycle; nothing leads to 5.
    fn successors(node: u8) -> &'static [u8] {
        [&[1, 2][..], &[3], &[4], &[4], &[0], &[0]][usize::from(node)]
    }

    #[test]
    fn reachable_lists_nodes_in_breadth_first_order() {
        let from = |start: u8| reachable([start], |node| successors(*node).iter().copied());
        assert_eq!(from(0), [0, 1, 2, 3, 4]);
        assert_eq!(from(5), [5, 0, 1, 2, 3, 4]);
    }

    #[test]
    fn path_is_shortest() {
        let mut search = BreadthFirst::new([0]);
        while let Some((number, node)) = search.next_node() {
            for to in successors(node) {
                search.reach(number, (node, *to), *to);
            }
        }
        let end = search.nodes().iter().position(|node| *node == 4).expect("4 is reachable");
        assert_eq!(search.path_to(end), [&(0, 2), &(2, 4)]);
        assert!(search.path_to(0).is_empty());
        assert_eq!(*search.start_of(end), 0);
    }

    #[test]
    fn fixpoint_finds_longest_distances_below_a_bound() {
        let mut distance = [0_u8; 6];
        let found = fixpoint([0_u8], |node, worklist| {
            for to in successors(node) {
                let longer = (distance[usize::from(node)] + 1).min(9);
                if longer > distance[usize::from(*to)] {
                    distance[usize::from(*to)] = longer;
                    worklist.insert(*to);
                }
            }
            Ok::<(), Infallible>(())
        });
        assert_eq!((found, distance), (Ok(()), [9, 9, 9, 9, 9, 0]));
    }
}
