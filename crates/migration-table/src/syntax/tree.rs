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

impl Node {
    /// Whether it holds the same texts as another one, wherever they stand.
    pub(crate) fn says_what(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Scalar(one), Value::Scalar(other)) => one.text == other.text,
            (Value::Sequence(one), Value::Sequence(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.says_what(other))
            }
            (Value::Mapping(one), Value::Mapping(other)) => {
                let are_same = |(one, other): (&Entry, &Entry)| {
                    one.key.text == other.key.text && one.value.says_what(&other.value)
                };
                one.len() == other.len() && one.iter().zip(other).all(are_same)
            }
            (Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_) | Value::Refused, _) => false,
        }
    }
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
