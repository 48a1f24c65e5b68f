//! What is promised to clients: the vocabulary, who is promised compatibility, what they may rely on, and the names
//! that are gone for good.

use crate::span::Span;

/// One word of the public vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The name on the wire, for example `pre-switchover`.
    pub name: String,
    /// The name in the table: that on the wire, unless the table says `wire:`.
    pub key: String,
    /// The release that first sent it.
    pub since: String,
    /// That it is to go, if it is.
    pub deprecated: Option<Deprecation>,
    /// The name it had before, if it was renamed.
    pub renamed_from: Option<String>,
    /// One line for people.
    pub doc: String,
    /// Where it is declared.
    pub span: Span,
}

/// Why an attempt ends: a word of the public vocabulary beside the status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The name on the wire.
    pub name: String,
    /// The name in the table.
    pub key: String,
    /// The release that first sent it.
    pub since: String,
    /// That it is to go, if it is.
    pub deprecated: Option<Deprecation>,
    /// One line for people.
    pub doc: String,
    /// Where it is declared.
    pub span: Span,
}

/// Under which names QMP tells clients the status. What the table leaves out is `None`; [`super::Wire`] has what it means
/// then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qmp {
    /// The event that carries the status.
    pub event: Option<String>,
    /// The member of the event and of the reply that holds the status.
    pub member: Option<String>,
    /// The member of the event and of the reply that holds the reason.
    pub reason: Option<String>,
    /// The command that asks for the status.
    pub query: Option<String>,
    /// The capability that switches the event on.
    pub capability: Option<String>,
    /// Members and arguments that tell apart several machines in one process.
    pub subjects: Vec<String>,
}

/// That a public name is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deprecation {
    /// The release that first said so.
    pub since: String,
    /// What to use in its place, if there is something: a status for a status, a command for a command.
    pub instead: Option<String>,
    /// Where it is said.
    pub span: Span,
}

/// A kind of client that is promised compatibility.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observer {
    /// Its name in the table.
    pub name: String,
    /// How it learns of statuses.
    pub channel: Channel,
    /// What it does about a status that it does not know.
    pub unknown: Unknown,
    /// What it does about a status that is sent twice in a row. Means nothing to one that polls.
    pub repeat: Repeat,
    /// Whether what would break it fails the check of the public API.
    pub gate: bool,
    /// One line for people.
    pub doc: String,
    /// Where it is declared.
    pub span: Span,
}

/// How a client learns of statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// It is sent every change.
    Events,
    /// It asks now and then, and may miss any change.
    Poll,
}

/// What a client does about a status that it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unknown {
    /// It goes on as if nothing had come.
    Skip,
    /// It gives up.
    Fail,
}

/// What a client does about a status that is sent twice in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Repeat {
    /// It acts on both.
    See,
    /// It takes them for one.
    Skip,
}

/// A name that was public once and can never be used again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// The name.
    pub name: String,
    /// What it was the name of.
    pub was: Was,
    /// The release that first did without it.
    pub removed: String,
    /// One line for people.
    pub doc: String,
    /// Where it is declared.
    pub span: Span,
}

/// What a public name was the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Was {
    /// A status.
    Status,
    /// A reason.
    Reason,
    /// A command.
    Command,
    /// A capability.
    Capability,
}

/// A promise to clients about one machine. That it is kept is another question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guarantee {
    /// Its name in the table.
    pub name: String,
    /// Name of the machine that keeps it.
    pub machine: String,
    /// What is promised.
    pub promise: Promise,
    /// One line for people.
    pub doc: String,
    /// Where it is declared.
    pub span: Span,
}

/// What is promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Promise {
    /// Every attempt from there ends, and shows one of these statuses then.
    Ends {
        /// From where.
        after: Anchor,
        /// Names of statuses, in the order of the file; at least one.
        ends: Vec<String>,
    },
    /// One status is never shown in an attempt that has not shown another one first.
    Before {
        /// Name of the status that waits.
        before: String,
        /// Name of the status that comes first.
        comes: String,
    },
}

/// What a promise begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The command of that name was accepted.
    Command(String),
    /// The status of that name was shown.
    Status(String),
}
