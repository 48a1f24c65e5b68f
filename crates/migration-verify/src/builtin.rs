//! What must be true of the machines of every table together, without anybody writing it down.

mod coverage;
mod deadlock;
mod ending;
mod messages;
mod success;
mod waiting;

use crate::graph::Graph;
use crate::property::Verdict;

pub use coverage::{Unreached, UnreachedKind};

/// Decides everything that must be true of every table.
#[must_use]
pub fn builtin(graph: &Graph<'_, '_>) -> Vec<Verdict> {
    let mut found = messages::decide(graph);
    found.push(deadlock::decide(graph));
    found.extend(success::decide(graph));
    found.extend(waiting::decide(graph));
    found.push(ending::decide(graph));
    found
}

/// Lists the states and rows that nothing reaches, in the order of the table. It is empty where the search was not
/// exhausted.
#[must_use]
pub fn unreached(graph: &Graph<'_, '_>) -> Vec<Unreached> {
    if graph.figures().is_exhausted { coverage::unreached(graph) } else { Vec::new() }
}
