//! The model of a migration state table: what `states.yaml` says, whether it is sound, and what it means.
//!
//! No I/O and no Rust tokens here. The stages, in the order in which a table passes through them: `parse` (text to
//! declarations with places), `resolve` (names to indices), `check` (is it sound), then `interpret` (what it means),
//! and `draw` (pictures of it).

pub mod model;
mod span;

pub use span::Span;
