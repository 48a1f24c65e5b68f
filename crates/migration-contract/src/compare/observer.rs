//! Kinds of clients: what each of them looks at, and what it does with what it does not know.

use migration_table::model::{Channel, Repeat, Unknown};

/// What a client sees, and what it does with what it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObserverClass {
    /// Whether it listens to events or asks for the status from time to time.
    pub channel: Channel,
    /// Whether it passes over a status that it does not know, or fails.
    pub unknown: Unknown,
    /// Whether the same status twice in a row is news to it; it never is to one that asks.
    pub repeat: Repeat,
}

impl ObserverClass {
    /// The five classes with their names, from the one that notices most.
    pub const ALL: [(&str, ObserverClass); 5] = [
        ("E!", ObserverClass::new(Channel::Events, Unknown::Fail, Repeat::See)),
        ("E", ObserverClass::new(Channel::Events, Unknown::Skip, Repeat::See)),
        ("El", ObserverClass::new(Channel::Events, Unknown::Skip, Repeat::Skip)),
        ("P!", ObserverClass::new(Channel::Poll, Unknown::Fail, Repeat::Skip)),
        ("P", ObserverClass::new(Channel::Poll, Unknown::Skip, Repeat::Skip)),
    ];

    /// The class of a client that does these things. A repeat is nothing to one that asks, whatever is said.
    #[must_use]
    pub const fn new(channel: Channel, unknown: Unknown, repeat: Repeat) -> ObserverClass {
        match channel {
            Channel::Events => ObserverClass { channel, unknown, repeat },
            Channel::Poll => ObserverClass { channel, unknown, repeat: Repeat::Skip },
        }
    }

    /// The name of the class. One that passes over repeats and fails at what it does not know is none of the five, and is
    /// there only where a table declares such an observer.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, class)| *class == self).map_or("El!", |(name, _)| name)
    }

    /// What a client of this class does, in words.
    #[must_use]
    pub fn words(self) -> String {
        let channel = match self.channel {
            Channel::Events => "is sent events",
            Channel::Poll => "asks for the status",
        };
        let unknown = match (self.channel, self.unknown, self.repeat) {
            (Channel::Events, Unknown::Skip, Repeat::Skip) => "passes over repeats and what it does not know",
            (Channel::Events, Unknown::Fail, Repeat::Skip) => "passes over repeats and fails at what it does not know",
            (_, Unknown::Fail, _) => "fails at what it does not know",
            (_, Unknown::Skip, _) => "passes over what it does not know",
        };
        format!("{channel} and {unknown}")
    }

    /// Whether it sees all that happens, so that it knows where the machine is as well as anybody can.
    pub(super) fn knows_where(self) -> bool {
        self.channel == Channel::Events && self.repeat == Repeat::See
    }
}
