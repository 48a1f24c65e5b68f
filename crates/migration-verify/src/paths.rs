//! Walks that take every row of a machine, or every pair of rows that can follow each other, in few steps.
//!
//! The machine alone is a graph: an edge is one trigger or one event, and it fires rows. Every walk begins in the
//! initial state, so ending one walk and beginning another costs nothing. To take a given edge for each row in the fewest
//! steps is then the directed rural postman problem with free returns: the cheapest way to balance what enters and what
//! leaves each node is an assignment (Edmonds and Johnson 1973), and an Euler tour of the balanced graph is cut at the
//! returns. Which of several edges fires a row is chosen greedily; where the machine is small enough, a search through
//! all sets of rows then finds the fewest steps, or proves that there are none fewer.

mod cover;
mod exact;
mod graph;
mod names;
mod tour;
mod walk;

use migration_table::model::Machine;

use crate::names::Invalid;
use graph::{Edge, Graph};

pub use walk::{Cover, Move};

/// Walks over one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The walks, the shortest first.
    pub walks: Vec<Path>,
    /// How many rows or pairs they take: all that any walk can.
    pub covered: usize,
}

/// One walk, from the initial state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// What happens on it, in words that can be the name of a file.
    pub name: String,
    /// What is done, in order.
    pub moves: Vec<Move>,
}

impl Paths {
    /// Returns how many triggers and events there are in all walks.
    #[must_use]
    pub fn steps(&self) -> usize {
        let is_step = |step: &&Move| matches!(step, Move::Raise(_) | Move::Report(_));
        self.walks.iter().map(|walk| walk.moves.iter().filter(is_step).count()).sum()
    }
}

/// The most pairs of a configuration and a step that walks are looked for in: the way from each step to each
/// configuration is kept, 24 bytes each.
const WAYS_MAX: usize = 12_000_000;

/// Returns walks over a machine that take everything that any walk can take.
///
/// # Errors
///
/// When the machine has too many configurations.
pub fn paths(machine: &Machine, cover: Cover) -> Result<Paths, Invalid> {
    let graph = Graph::of(machine, cover)?;
    if graph.nodes.saturating_mul(graph.edges.len()) > WAYS_MAX {
        let (name, nodes, edges) = (&machine.name, graph.nodes, graph.edges.len());
        let text =
            format!("machine `{name}` has {nodes} configurations and {edges} steps between them, too many for walks");
        return Err(Invalid::TooLarge(text));
    }
    let mut ways = tour::Ways::default();
    let chosen = cover::edges(&graph, &mut ways);
    let mut walks: Vec<Vec<&Edge>> = tour::walks(&graph, &chosen, &mut ways);
    let steps = walks.iter().map(Vec::len).sum();
    if let Some(fewer) = exact::fewer(&graph, steps) {
        walks = fewer;
    }
    walks.sort_by_key(|walk| walk.len());
    let names = names::of(machine, &walks);
    let of_walk = |(walk, name): (&Vec<&Edge>, String)| Path { name, moves: graph::moves(machine, walk) };
    Ok(Paths { walks: walks.iter().zip(names).map(of_walk).collect(), covered: graph.targets })
}
