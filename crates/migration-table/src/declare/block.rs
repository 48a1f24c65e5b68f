//! Blocks: keys whose values are lists of declarations, or names with what they stand for.

use crate::syntax::{Entry, Node, Value};

/// What the value of a key consists of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// Something that has no declarations in it.
    Other,
    /// Names, and what each of them stands for.
    Named(Form),
    /// A list.
    List(Form),
    /// One declaration.
    One(Form),
}

/// What one item of a block is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// Something else.
    Other,
    /// A name or a list of names.
    Names,
    /// A declaration: what it is, with its article, and its keys, each with whether it must be there.
    Keys(&'static str, &'static [(&'static str, bool)]),
}

/// A key, and what its value consists of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) key: &'static str,
    pub(super) shape: Shape,
    /// Whether it must be there.
    pub(super) is_required: bool,
}

impl Form {
    /// Whether a value has this form: no other keys, and all that must be there.
    pub(super) fn fits(self, value: &Node) -> bool {
        match (self, &value.value) {
            (Form::Keys(..), Value::Mapping(entries)) => self.fits_entries(entries),
            (Form::Names, Value::Sequence(items)) => !items.iter().any(|it| matches!(it.value, Value::Mapping(_))),
            (Form::Names, Value::Scalar(text)) => !text.text.is_empty(),
            (Form::Keys(..) | Form::Names | Form::Other, _) => false,
        }
    }

    /// Whether keys with their values are a declaration of this form.
    pub(super) fn fits_entries(self, entries: &[Entry]) -> bool {
        let keys: Vec<&str> = entries.iter().map(|entry| entry.key.text.as_str()).collect();
        self.fits_keys(&keys)
    }

    /// Whether keys are those of a declaration of this form: no others, and all that must be there.
    pub(super) fn fits_keys(self, given: &[&str]) -> bool {
        let Form::Keys(_, keys) = self else { return false };
        let is_known = |given: &&str| keys.iter().any(|(key, _)| key == given);
        !given.is_empty()
            && given.iter().all(is_known)
            && keys.iter().all(|(key, required)| !required || given.contains(key))
    }

    /// Whether a declaration of this form can have a key.
    pub(super) fn has_key(self, key: &str) -> bool {
        matches!(self, Form::Keys(_, keys) if keys.iter().any(|(known, _)| *known == key))
    }

    /// Whether a value has a key that no declaration of this form can have.
    pub(super) fn lacks_key_of(self, value: &Node) -> bool {
        matches!(&value.value, Value::Mapping(entries) if entries.iter().any(|entry| !self.has_key(&entry.key.text)))
    }

    /// What an item is, with its article.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Form::Keys(noun, _) => noun,
            Form::Names => "a list of names",
            Form::Other => "a value",
        }
    }
}

impl Shape {
    /// The form of the items.
    pub(super) fn form(self) -> Form {
        match self {
            Shape::Named(form) | Shape::List(form) | Shape::One(form) => form,
            Shape::Other => Form::Other,
        }
    }

    /// Whether the items of another block are written as those of this one are: with names, or as a list.
    pub(super) fn is_like(self, other: Shape) -> bool {
        match other {
            Shape::Named(_) => matches!(self, Shape::Named(_) | Shape::One(_)),
            Shape::List(_) => matches!(self, Shape::List(_)),
            Shape::One(_) | Shape::Other => false,
        }
    }

    /// Whether an item, of the name that it has, can stand in the block.
    pub(super) fn fits(self, name: Option<&str>, item: &Node) -> bool {
        match self {
            Shape::Named(form) | Shape::List(form) => form.fits(item),
            Shape::One(form) => name.is_some_and(|name| form.has_key(name)),
            Shape::Other => false,
        }
    }

    /// Whether a value is written as this shape is.
    pub(super) fn holds(self, value: &Node) -> bool {
        match &value.value {
            Value::Mapping(_) => matches!(self, Shape::Named(_) | Shape::One(_)),
            Value::Sequence(_) => matches!(self, Shape::List(_)),
            Value::Scalar(_) | Value::Refused => false,
        }
    }
}
