//! A part of a page, without how it looks.

use super::grid::Grid;

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The beginning of something.
    Heading(String),
    /// Text.
    Paragraph(String),
    /// Names with what belongs to them, below each other.
    Fields(Vec<(String, String)>),
    /// A table.
    Grid(Grid),
    /// Remarks that a table refers to by their numbers, from 1.
    Footnotes(Vec<String>),
}
