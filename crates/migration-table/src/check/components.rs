//! Which of some connected states to report: the ones where the trouble begins, not all that follow from it; and in
//! which order to look at them.

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::DfsPostOrder;

use crate::model::{Machine, StateId};

/// Returns the strongly connected components of `among` from which `next` leads nowhere else in `among`, sorted.
pub(super) fn ends(among: &[StateId], next: impl Fn(StateId) -> Vec<StateId>) -> Vec<Vec<StateId>> {
    let mut graph = DiGraph::<StateId, ()>::new();
    for state in among {
        graph.add_node(*state);
    }
    for (from, state) in among.iter().enumerate() {
        for to in next(*state).into_iter().filter_map(|to| among.binary_search(&to).ok()) {
            graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), ());
        }
    }
    let mut components = tarjan_scc(&graph);
    components.iter_mut().for_each(|members| members.sort_unstable());
    components.retain(|members| {
        let mut targets = members.iter().flat_map(|node| graph.neighbors(*node));
        targets.all(|to| members.binary_search(&to).is_ok())
    });
    components.sort_unstable();
    components.into_iter().map(|members| members.into_iter().map(|node| graph[node]).collect()).collect()
}

/// Returns the position of every state in an order in which a state comes after those that it leads to, except on
/// cycles.
pub(super) fn last_first(machine: &Machine) -> Vec<usize> {
    let mut graph = DiGraph::<(), ()>::new();
    for _ in &machine.states {
        graph.add_node(());
    }
    for row in &machine.rows {
        for from in &row.from {
            graph.add_edge(NodeIndex::new(from.index()), NodeIndex::new(row.to.index()), ());
        }
    }
    let (mut position, mut count) = (vec![0; machine.states.len()], 0);
    let mut walk = DfsPostOrder::empty(&graph);
    for start in graph.node_indices() {
        walk.move_to(start);
        while let Some(node) = walk.next(&graph) {
            position[node.index()] = count;
            count += 1;
        }
    }
    position
}
