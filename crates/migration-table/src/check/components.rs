//! Which of some connected states to report: the ones where the trouble begins, not all that follow from it; and in
//! which order to look at them.

use crate::model::{Machine, StateId};

/// The groups of states of `among` from which `next` leads nowhere else in `among`: inside a group every state leads to
/// every other. The groups are in the order of their first states, and sorted.
pub(super) fn ends(among: &[StateId], next: impl Fn(StateId) -> Vec<StateId>) -> Vec<Vec<StateId>> {
    let position = |state: StateId| among.binary_search(&state).ok();
    let edges: Vec<Vec<usize>> =
        among.iter().map(|state| next(*state).into_iter().filter_map(position).collect()).collect();
    let component = components(&edges);
    let mut is_end = vec![true; among.len()];
    for (from, targets) in edges.iter().enumerate() {
        if targets.iter().any(|to| component[*to] != component[from]) {
            is_end[component[from]] = false;
        }
    }
    let mut groups = std::collections::BTreeMap::new();
    for (index, state) in among.iter().enumerate().filter(|(index, _)| is_end[component[*index]]) {
        groups.entry(component[index]).or_insert_with(Vec::new).push(*state);
    }
    groups.into_values().collect()
}

/// The place of every state in an order in which a state comes after those that it leads to, but for ways round.
pub(super) fn last_first(machine: &Machine) -> Vec<usize> {
    let mut edges = vec![Vec::new(); machine.states.len()];
    for row in &machine.rows {
        row.from.iter().for_each(|state| edges[state.index()].push(row.to.index()));
    }
    let (mut seen, mut finished) = (vec![false; edges.len()], Vec::new());
    (0..edges.len()).for_each(|node| walk(&edges, node, &mut seen, &mut finished));
    let mut place = vec![0; edges.len()];
    finished.into_iter().enumerate().for_each(|(at, node)| place[node] = at);
    place
}

/// For every node the smallest node of its strongly connected component, by Kosaraju's two walks.
fn components(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut reversed = vec![Vec::new(); edges.len()];
    for (from, targets) in edges.iter().enumerate() {
        targets.iter().for_each(|to| reversed[*to].push(from));
    }
    let (mut seen, mut finished) = (vec![false; edges.len()], Vec::new());
    for node in 0..edges.len() {
        walk(edges, node, &mut seen, &mut finished);
    }
    let (mut seen, mut component) = (vec![false; edges.len()], vec![0; edges.len()]);
    for node in finished.into_iter().rev() {
        let mut members = Vec::new();
        walk(&reversed, node, &mut seen, &mut members);
        let first = members.iter().copied().min().unwrap_or(node);
        members.into_iter().for_each(|member| component[member] = first);
    }
    component
}

/// Walks from a node to all that are not yet seen, and lists them as they are finished.
fn walk(edges: &[Vec<usize>], start: usize, seen: &mut [bool], finished: &mut Vec<usize>) {
    if std::mem::replace(&mut seen[start], true) {
        return;
    }
    let mut path = vec![(start, 0)];
    while let Some((node, next)) = path.last_mut() {
        match edges[*node].get(*next) {
            Some(target) => {
                *next += 1;
                if !std::mem::replace(&mut seen[*target], true) {
                    path.push((*target, 0));
                }
            }
            None => {
                finished.push(*node);
                path.pop();
            }
        }
    }
}
