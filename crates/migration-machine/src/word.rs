//! The words of a table: the generated enums, and what the table declares of each of their variants.

use core::fmt::{self, Debug, Display};
use core::hash::Hash;

use crate::fact_set::FactSet;

/// A generated enum: the words of one list of the table.
pub trait Word: Copy + Ord + Hash + Debug + Display + Send + Sync + 'static {
    /// Every word of the list, in the order of the table.
    const ALL: &'static [Self];

    /// Returns its name in the table.
    fn name(self) -> &'static str;
}

/// A word that is a fact of the machine `R`: a trigger, an event or a guard.
pub trait Fact<R>: Word {
    /// Returns the set of this fact alone.
    fn fact(self) -> FactSet<R>;
}

/// A fact that the work of the machine `R` reports, or that the arrival of a message is.
pub trait EventWord<R>: Fact<R> {
    /// Returns whether it says why: it comes with a text for people.
    fn carries_cause(self) -> bool;
}

/// What goes on in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Nothing runs; a new attempt may start.
    Idle,
    /// There is something to do.
    Work,
    /// A user or the peer must act.
    Wait,
    /// Everything is being released.
    Cleanup,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Idle, Self::Work, Self::Wait, Self::Cleanup];

    /// Returns its name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Work => "work",
            Self::Wait => "wait",
            Self::Cleanup => "cleanup",
        }
    }
}

impl Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

impl Word for Kind {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        self.name()
    }
}

/// Says that a public name will be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deprecated {
    /// The release that deprecated it.
    pub since: &'static str,
    /// What replaces it, if something does.
    pub instead: Option<&'static str>,
}

/// Declares the entry of a list: its word, its name, and what else the list says, each with a method that sets it.
macro_rules! entry {
    ($(#[$doc:meta])* $entry:ident { $($(#[$of:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $entry<T> {
            /// The word.
            pub word: T,
            /// Its name in the table.
            pub name: &'static str,
            $($(#[$of])* pub $field: $type,)*
        }
    };
}

entry! {
    /// What the table says of a resource: its name.
    ResourceEntry {}
}

entry! {
    /// What the table says of a status.
    StatusEntry {
        /// The release that first showed it.
        since: &'static str,
        /// Since when it is deprecated, if it is.
        deprecated: Option<Deprecated>,
    }
}

entry! {
    /// What the table says of a message.
    MessageEntry {
        /// Its number on the wire.
        number: u16,
        /// Whether it says why: it comes with a text for people.
        carries_cause: bool,
    }
}

entry! {
    /// What the table says of a trigger.
    TriggerEntry {
        /// The command by which a user asks for it.
        command: &'static str,
        /// The arguments that distinguish it from other triggers of the same command, as `(name, value)`.
        with: &'static [(&'static str, &'static str)],
        /// Since when it is deprecated, if it is.
        deprecated: Option<Deprecated>,
    }
}

entry! {
    /// What the table says of an event.
    EventEntry {
        /// Whether it says why: it comes with a text for people.
        carries_cause: bool,
    }
}

entry! {
    /// What the table says of a guard.
    GuardEntry {
        /// The capability behind it, if it is one.
        capability: Option<&'static str>,
        /// Whether it keeps its value for a whole attempt.
        is_fixed: bool,
    }
}

const fn deprecation(since: &'static str, instead: &'static str) -> Option<Deprecated> {
    Some(Deprecated { since, instead: if instead.is_empty() { None } else { Some(instead) } })
}

impl<T: Copy> ResourceEntry<T> {
    /// The entry of a word with this name.
    #[must_use]
    pub const fn new(word: T, name: &'static str) -> Self {
        Self { word, name }
    }
}

impl<T: Copy> StatusEntry<T> {
    /// The entry of a status with this name, shown since that release.
    #[must_use]
    pub const fn new(word: T, name: &'static str, since: &'static str) -> Self {
        Self { word, name, since, deprecated: None }
    }

    /// The same, deprecated since a release in favour of another name; an empty name stands for nothing.
    #[must_use]
    pub const fn deprecated(mut self, since: &'static str, instead: &'static str) -> Self {
        self.deprecated = deprecation(since, instead);
        self
    }
}

impl<T: Copy> MessageEntry<T> {
    /// The entry of a message with this name and this number on the wire.
    #[must_use]
    pub const fn new(word: T, name: &'static str, number: u16) -> Self {
        Self { word, name, number, carries_cause: false }
    }

    /// The same, with a text for people.
    #[must_use]
    pub const fn with_cause(mut self) -> Self {
        self.carries_cause = true;
        self
    }
}

impl<T: Copy> TriggerEntry<T> {
    /// The entry of a trigger with this name, which a user raises by that command.
    #[must_use]
    pub const fn new(word: T, name: &'static str, command: &'static str) -> Self {
        Self { word, name, command, with: &[], deprecated: None }
    }

    /// The same, for a command with these arguments.
    #[must_use]
    pub const fn with(mut self, with: &'static [(&'static str, &'static str)]) -> Self {
        self.with = with;
        self
    }

    /// The same, deprecated since a release in favour of another name; an empty name stands for nothing.
    #[must_use]
    pub const fn deprecated(mut self, since: &'static str, instead: &'static str) -> Self {
        self.deprecated = deprecation(since, instead);
        self
    }
}

impl<T: Copy> EventEntry<T> {
    /// The entry of an event with this name.
    #[must_use]
    pub const fn new(word: T, name: &'static str) -> Self {
        Self { word, name, carries_cause: false }
    }

    /// The same, with a text for people.
    #[must_use]
    pub const fn with_cause(mut self) -> Self {
        self.carries_cause = true;
        self
    }
}

impl<T: Copy> GuardEntry<T> {
    /// The entry of a guard with this name.
    #[must_use]
    pub const fn new(word: T, name: &'static str) -> Self {
        Self { word, name, capability: None, is_fixed: false }
    }

    /// The same, as the value of a capability.
    #[must_use]
    pub const fn capability(mut self, capability: &'static str) -> Self {
        self.capability = Some(capability);
        self
    }

    /// The same, with one value for a whole attempt.
    #[must_use]
    pub const fn fixed(mut self) -> Self {
        self.is_fixed = true;
        self
    }
}
