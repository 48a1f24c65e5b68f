//! A machine alone as a graph: configurations, and the triggers and events that lead from one to the next.

use std::collections::HashMap;

use migration_table::model::{Answer, FactId, FactSet, Machine, StateId};
use migration_table::search::BreadthFirst;
use migration_table::step;

use super::walk::{Cover, Move};
use crate::automaton::{Relevance, Signature};
use crate::names::Invalid;

/// The most configurations of a machine, and the most guards of it that are asked anew at every step.
const NODES_MAX: usize = 200_000;
const OPEN_GUARDS_MAX: usize = 10;
/// Rows that may fire in one step before the table is called endless.
const ROWS_MAX: usize = 64;

/// A row that fires, and the state that it leaves.
pub(super) type Fired = (StateId, usize);

/// A configuration at rest. The last row is remembered where pairs are covered.
type Node = (StateId, FactSet, Option<Fired>);

/// The length of a shortest way to a node, and its last edge; `None` where no way leads.
pub(super) type Way = Option<(usize, Option<usize>)>;

/// A machine alone.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    /// The number of configurations; the initial one is 0.
    pub(super) nodes: usize,
    pub(super) edges: Vec<Edge>,
    /// For each node its edges.
    pub(super) out: Vec<Vec<usize>>,
    /// How many targets there are; edges name them by number.
    pub(super) targets: usize,
}

/// A trigger or an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) fact: FactId,
    /// The guards that hold then, of those that are asked.
    guards: FactSet,
    asked: FactSet,
    pub(super) rows: Vec<Fired>,
    /// The rows or pairs of rows that this takes.
    pub(super) targets: Vec<usize>,
}

impl Graph {
    pub(super) fn of(machine: &Machine, cover: Cover) -> Result<Graph, Invalid> {
        let too_large =
            || Invalid::TooLarge(format!("machine `{}` has too many configurations for walks", machine.name));
        if machine.open_guards().len() > OPEN_GUARDS_MAX {
            return Err(too_large());
        }
        let relevance = Relevance::of(machine, &Signature::default());
        let mut numbers: HashMap<(Option<Fired>, Fired), usize> = HashMap::new();
        let mut search = BreadthFirst::new([(machine.initial, FactSet::EMPTY, None)]);
        let (mut edges, mut out): (Vec<Edge>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
        while let Some((from, node)) = search.next_node() {
            out.push(Vec::new());
            for (fact, guards, asked) in inputs(machine, &relevance, node) {
                let (facts, rows) = settle(machine, node, fact, guards)?;
                let state = rows.last().map_or(node.0, |(_, row)| machine.rows[*row].to);
                let last = rows.last().copied().or(node.2).filter(|_| cover == Cover::Pairs);
                let to = search.reach(from, (), (state, facts & relevance.remembered(state), last));
                let is_known = |edge: &&usize| {
                    let edge: &Edge = &edges[**edge];
                    (edge.to, edge.fact, &edge.rows) == (to, fact, &rows)
                };
                if (to == from && rows.is_empty()) || out[from].iter().any(|edge| is_known(&edge)) {
                    continue;
                }
                let mut targets = Vec::new();
                for (at, fired) in rows.iter().enumerate() {
                    let before = at.checked_sub(1).map_or(node.2, |before| Some(rows[before]));
                    let key = match cover {
                        Cover::Rows => (None, *fired),
                        Cover::Pairs if before.is_none() => continue,
                        Cover::Pairs => (before, *fired),
                    };
                    let new = numbers.len();
                    targets.push(*numbers.entry(key).or_insert(new));
                }
                out[from].push(edges.len());
                edges.push(Edge { from, to, fact, guards, asked, rows, targets });
            }
            if search.nodes().len() > NODES_MAX {
                return Err(too_large());
            }
        }
        Ok(Graph { nodes: out.len(), edges, out, targets: numbers.len() })
    }

    /// Returns the number of steps of a shortest way from one node to every other, with the last edge of each way.
    pub(super) fn distances(&self, start: usize) -> Vec<Way> {
        let mut found = vec![None; self.nodes];
        found[start] = Some((0, None));
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            let steps = found[at].map_or(0, |(steps, _)| steps);
            for edge in &self.out[at] {
                let to = self.edges[*edge].to;
                if found[to].is_none() {
                    found[to] = Some((steps + 1, Some(*edge)));
                    queue.push_back(to);
                }
            }
        }
        found
    }
}

/// Every trigger that is accepted and every event that is awaited, with each value of the guards that are asked then.
fn inputs(machine: &Machine, relevance: &Relevance, (state, facts, _): Node) -> Vec<(FactId, FactSet, FactSet)> {
    let mut found = Vec::new();
    let open = machine.open_guards();
    let asked = open | (relevance.sampled & step::asked_anew(machine, state));
    for (id, fact) in machine.fact_ids().zip(&machine.facts) {
        for guards in asked.subsets() {
            let is_taken = if fact.is_trigger() {
                let sample = step::sampled(machine, state, facts, guards);
                !facts.contains(id) && step::answer(machine, state, id, sample) == Answer::Accept
            } else {
                step::awaited(machine, state).contains(id) && !facts.contains(id)
            };
            if is_taken {
                found.push((id, guards, asked));
            }
        }
    }
    // Fewer guards that hold first, so that a walk turns no more of them than it must.
    found.sort_by_key(|(id, guards, _)| (*id, guards.len()));
    found
}

/// Fires rows until none is enabled, while the guards stay as they are.
fn settle(machine: &Machine, node: Node, fact: FactId, guards: FactSet) -> Result<(FactSet, Vec<Fired>), Invalid> {
    let (mut state, facts, _) = node;
    let mut facts = step::accepted(machine, facts, step::sampled(machine, state, facts, guards), fact);
    let mut rows = Vec::new();
    while let Some(row) = step::advance(machine, state, facts | (guards & machine.open_guards())) {
        if rows.len() > ROWS_MAX {
            return Err(Invalid::TooLarge(format!("machine `{}` never comes to rest", machine.name)));
        }
        rows.push((state, row));
        facts -= step::gone(machine, &machine.rows[row]);
        state = machine.rows[row].to;
    }
    Ok((facts, rows))
}

/// Returns what is done on a walk: guards are turned where an edge asks for another value than they have.
pub(super) fn moves(machine: &Machine, walk: &[&Edge]) -> Vec<Move> {
    let name = |id: FactId| machine.fact(id).name.clone();
    let (mut guards, mut found) = (FactSet::EMPTY, Vec::new());
    for edge in walk {
        found.extend(((guards - edge.guards) & edge.asked).iter().map(|id| Move::Clear(name(id))));
        found.extend((edge.guards - guards).iter().map(|id| Move::Set(name(id))));
        guards = (guards - edge.asked) | edge.guards;
        let is_trigger = machine.fact(edge.fact).is_trigger();
        found.push(if is_trigger { Move::Raise(name(edge.fact)) } else { Move::Report(name(edge.fact)) });
    }
    found
}
