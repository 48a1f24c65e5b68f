//! Text to a tree of YAML in which every node knows its place.
//!
//! The tree is built from the parser's events, not by `serde`: a deserialiser stops at the first problem, and a
//! maintainer wants all of them at once. What YAML can do beyond plain trees (anchors, aliases, tags, merge keys, more
//! documents) is refused here, each at its place, so that a table reads the same to every reader of YAML.

mod build;
mod text;

pub(crate) use build::parse;
pub use text::Text;
pub(crate) use text::{Plain, is_boolean_word};

use crate::span::Span;

/// A value of the tree.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) value: Value,
    /// Where it stands.
    pub(crate) span: Span,
    /// What stands for it in a message: the key that it belongs to, otherwise its own first line.
    pub(crate) owner: Span,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A text, a number, or nothing at all.
    Scalar(Text),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys, each given once, in the order of the file.
    Mapping(Vec<Entry>),
    /// Something that was refused already, so that nothing more is to be said about it.
    Refused,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: Text,
    /// Its value.
    pub(crate) value: Node,
}
