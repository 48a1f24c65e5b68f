//! What must be true of the machines of every table together, without anybody writing it down.

mod coverage;
mod deadlock;
mod ending;
mod messages;
mod passing;
mod success;
mod unheard;
mod waiting;

use crate::graph::Graph;
use crate::property::Verdict;

pub use coverage::{Unreached, UnreachedKind};
pub use unheard::Unheard;

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

/// Lists the messages that this search takes to be lost because their sender has not read anything before, in the order
/// of the machines.
#[must_use]
pub fn unheard(graph: &Graph<'_, '_>) -> Vec<Unheard> {
    unheard::unheard(graph)
}
