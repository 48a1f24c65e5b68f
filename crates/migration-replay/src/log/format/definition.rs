//! What a format is: its name, its sample, and its reader.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use super::memory::Memory;
use crate::log::line::{BadObject, Holds, Message, Origin};
use crate::names::Names;

/// A format.
pub struct Format {
    /// What it is called in messages.
    pub name: &'static str,
    /// Who writes it, and what is special about it.
    pub doc: &'static str,
    /// A piece of it, from which something is read.
    pub sample: &'static str,
    pub(super) read: Read,
}

/// What a reader of a format reads.
pub(super) enum Read {
    /// Something around a line.
    Envelope(for<'l> fn(&mut Memory, &'l str, &mut Origin) -> Option<Cow<'l, str>>),
    Record(fn(&mut Memory, &str, &mut Origin, &Names) -> Taken),
    Object(fn(&mut Map<String, Value>, &Names, &mut Origin) -> Told),
}

/// What a reader makes of a line.
pub(in crate::log) enum Taken {
    /// It is not of this format.
    No,
    /// It says this.
    Said(Vec<Message>),
    /// From this place on there is an object.
    Object(usize, Holds),
    /// It is of this format and cannot be read; why, and what to do.
    Unreadable(&'static str),
}

/// What a reader makes of an object.
pub(super) enum Told {
    /// It is not of this format.
    No,
    /// It says this, or makes no sense.
    Said(Result<Vec<Message>, BadObject>),
    /// It is an envelope with this object in it.
    Holds(Map<String, Value>),
}

impl fmt::Debug for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)
    }
}
