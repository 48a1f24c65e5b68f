//! The model of a migration state table: what `states.yaml` says, whether it is sound, and what it means.
//!
//! No I/O and no Rust tokens here. The modules are layers, each of which uses only those before it: [`search`] (graph
//! searches, for the crates above too); versions of releases; findings and rules; `syntax` (text to a tree with places) and [`declare`] (the
//! tree to declarations); [`model`] (the table itself); [`step`] (what a machine does next), [`bdd`] and [`cases`]
//! (exact answers about formulas), [`interpret`] (a machine over time) and [`explore`] (everything that can happen);
//! `resolve` (declarations to the model) and [`check`] (is it sound); `mend` (which change mends what is found).
//! [`load()`] takes a text through the stages.

pub mod bdd;
pub mod cases;
pub mod check;
pub mod declare;
pub mod examples;
pub mod explore;
mod finding;
mod formula;
pub mod interpret;
mod invocation;
mod load;
mod mend;
pub mod model;
mod nearest;
mod render;
mod resolve;
mod rule;
pub mod search;
mod span;
pub mod step;
mod syntax;
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod testing;
pub mod together;
mod version;

pub use finding::{Code, Finding, Findings, Severity};
pub use formula::sign_of_other_notation;
pub use invocation::Invocation;
pub use load::{Loaded, from_bytes, load, load_bytes, load_checked, load_with, read};
pub use nearest::nearest;
pub use render::{PRINTED_MAX, Style, render, render_one};
pub use span::Span;
pub use syntax::{BYTES_MAX, Text};
pub use version::{NotAVersion, Version};
