//! The model of a migration state table: what `states.yaml` says, whether it is sound, and what it means.
//!
//! No I/O and no Rust tokens here. The stages, in the order in which a table passes through them: `syntax` (text to
//! a tree with places), [`declare`] (the tree to declarations), `resolve` (names to indices), [`check`] (is it
//! sound) and [`interpret`] (what it means). [`load()`] runs the first four.

pub mod bdd;
pub mod check;
pub mod condition;
pub mod declare;
pub mod examples;
pub mod explore;
mod finding;
pub mod interpret;
mod invocation;
mod load;
pub mod model;
mod nearest;
mod render;
mod resolve;
mod span;
mod syntax;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod testing;

pub use finding::{Code, Finding, Findings, Severity};
pub use invocation::Invocation;
pub use load::{Loaded, load, load_with, read};
pub use nearest::nearest;
pub use render::{PRINTED_MAX, Style, render, render_one};
pub use resolve::upper_camel;
pub use span::Span;
pub use syntax::Text;
