//! Which edges walks must take, so that every target is taken.

use super::graph::Graph;
use super::tour::{self, Ways};

/// The most chosen edges for which leaving out each one is tried.
const TRIED_MAX: usize = 120;
/// The most chosen edges that are exchanged for others, and the most others that are tried for each.
const EXCHANGED_MAX: usize = 60;
const ALTERNATIVES_MAX: usize = 8;

/// Chooses edges that together take every target. The targets that are furthest from the start come first: the way to
/// their edges takes others. Then every edge is left out if the walks take its targets anyway, and exchanged
/// for another one where the walks get shorter.
pub(super) fn edges(graph: &Graph, ways: &mut Ways) -> Vec<usize> {
    let distances = graph.distances(0);
    let distance = |edge: usize| distances[graph.edges[edge].from].map_or(usize::MAX, |(steps, _)| steps);
    let mut nearest = vec![usize::MAX; graph.targets];
    for (number, edge) in graph.edges.iter().enumerate() {
        for target in &edge.targets {
            let known = nearest[*target];
            if known == usize::MAX || distance(number) < distance(known) {
                nearest[*target] = number;
            }
        }
    }
    let mut chosen: Vec<usize> = nearest.into_iter().filter(|edge| *edge != usize::MAX).collect();
    chosen.sort_by_key(|edge| (std::cmp::Reverse(distance(*edge)), *edge));
    chosen.dedup();
    shortened(graph, chosen, ways)
}

fn shortened(graph: &Graph, mut chosen: Vec<usize>, ways: &mut Ways) -> Vec<usize> {
    if chosen.len() > TRIED_MAX {
        return chosen;
    }
    let mut steps = |chosen: &[usize]| {
        let walks = tour::walks(graph, chosen, ways);
        let mut taken = vec![false; graph.targets];
        walks.iter().flatten().flat_map(|edge| &edge.targets).for_each(|target| taken[*target] = true);
        taken.iter().all(|taken| *taken).then(|| walks.iter().map(Vec::len).sum::<usize>())
    };
    let Some(mut best) = steps(&chosen) else { return chosen };
    let mut at = 0;
    while at < chosen.len() {
        let mut fewer = chosen.clone();
        fewer.remove(at);
        match steps(&fewer) {
            Some(shorter) if shorter <= best => (best, chosen) = (shorter, fewer),
            Some(_) | None => at += 1,
        }
    }
    for at in 0..chosen.len().min(EXCHANGED_MAX) {
        for other in alternatives(graph, chosen[at]) {
            let mut changed = chosen.clone();
            changed[at] = other;
            if let Some(shorter) = steps(&changed).filter(|shorter| *shorter < best) {
                (best, chosen) = (shorter, changed);
            }
        }
    }
    chosen
}

/// The other edges that take everything that an edge takes.
fn alternatives(graph: &Graph, edge: usize) -> Vec<usize> {
    let targets = &graph.edges[edge].targets;
    let takes_them = |other: &&usize| targets.iter().all(|target| graph.edges[**other].targets.contains(target));
    let others: Vec<usize> = (0..graph.edges.len()).filter(|other| *other != edge).collect();
    others.iter().filter(takes_them).take(ALTERNATIVES_MAX).copied().collect()
}
