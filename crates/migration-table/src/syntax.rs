//! Text to a tree of YAML in which every node knows its place.
//!
//! The tree is built from the parser's events, not by `serde`: a deserialiser stops at the first problem, and a
//! maintainer wants all of them at once. What YAML can do beyond plain trees (anchors, aliases, tags, merge keys, more
//! documents) is refused here, each at its place, so that a table reads the same to every reader of YAML.

mod build;
mod bytes;
mod direction;
mod formulas;
mod mistake;
mod text;
mod tree;
mod typographic;

pub use build::BYTES_MAX;
pub(crate) use build::parse;
pub(crate) use bytes::decode;
pub(crate) use mistake::Words;
pub(crate) use text::Plain;
pub use text::Text;
pub(crate) use text::written;
pub(crate) use tree::{Entry, Node, Value};
