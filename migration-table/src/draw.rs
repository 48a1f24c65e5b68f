//! Pictures of a machine, as text for the programs that draw them.
//!
//! Every format is a view of one `figure`: what is drawn, as what, and from where, decided once. It depends on what
//! the rows say and on the declared order of the states, never on the order of the rows, so the same machine always
//! gives the same bytes. Nothing here runs a program or opens a file.

mod cluster;
mod dot;
mod figure;
mod label;
mod mermaid;

use crate::model::{Machine, Table};

/// Draws a machine of the table for Graphviz.
///
/// The text is canonical: sorted, with stable ids. Rows that leave several states are one edge from a frame around
/// those states where a frame can stand; states that share a status stand in a box of that status.
#[must_use]
pub fn dot(table: &Table, machine: &Machine) -> String {
    dot::draw(table, machine)
}

/// Draws a machine of the table as a Mermaid `stateDiagram-v2`, as code hosts render it.
///
/// Frames become composite states, since Mermaid can draw one edge from their border; the boxes of statuses are left
/// out, because nested composites are laid out badly there, and each state says what it shows instead.
#[must_use]
pub fn mermaid(table: &Table, machine: &Machine) -> String {
    mermaid::draw(table, machine)
}

/// Says in a few sentences what the pictures of a machine show.
#[must_use]
pub fn caption(table: &Table, machine: &Machine) -> String {
    label::caption(table, machine)
}

#[cfg(test)]
mod tests;
