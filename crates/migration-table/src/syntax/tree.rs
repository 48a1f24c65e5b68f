//! The tree: every node with its place in the text.

use super::text::Text;
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
    /// Keys and their values, in the order of the file.
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
    /// Where the same key stands before this one in the mapping.
    pub(crate) first: Option<Span>,
}
