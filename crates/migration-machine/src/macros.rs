//! The methods that every generated enum has. Generated code calls these macros, so that what it writes itself is what
//! the table says and nothing else.
//!
//! Each takes the enum and the number of its first variant; an enum without variants has no number. The enum must have
//! the constant `ENTRIES`, in the order of its variants.

/// Writes `ALL`, `name`, `Display` and [`Word`](crate::Word), and how an entry is found.
#[doc(hidden)]
#[macro_export]
macro_rules! word {
    ($word:ident, $entry:ty $(, $first:literal $(. $part:ident)?)?) => {
        impl $word {
            /// Every one of them, in the order of the table.
            pub const ALL: [Self; Self::ENTRIES.len()] = $crate::word!(@all $($first $(. $part)?)?);

            /// Returns its name in the table.
            #[must_use]
            pub const fn name(self) -> &'static str {
                self.entry()$($(.$part)?)?.name
            }

            const fn entry(self) -> &'static $entry {
                $crate::word!(@entry self $($first)?)
            }
        }

        impl ::core::fmt::Display for $word {
            fn fmt(&self, out: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                out.pad(self.name())
            }
        }

        impl $crate::Word for $word {
            const ALL: &'static [Self] = &Self::ALL;

            fn name(self) -> &'static str {
                self.name()
            }
        }
    };
    (@all) => { [] };
    (@all $first:literal $(. $part:ident)?) => {{
        let mut all = [Self::ENTRIES[0]$(.$part)?.word; Self::ENTRIES.len()];
        let mut next = 0;
        while next < all.len() {
            all[next] = Self::ENTRIES[next]$(.$part)?.word;
            next += 1;
        }
        all
    }};
    (@entry $self:ident) => { match $self {} };
    (@entry $self:ident $first:literal) => { &Self::ENTRIES[$self as usize - $first] };
}

/// Writes the methods of a list of names.
#[doc(hidden)]
#[macro_export]
macro_rules! resource {
    ($word:ident $(, $first:literal)?) => {
        $crate::word!($word, $crate::ResourceEntry<$word> $(, $first)?);
    };
}

/// Writes the methods of a status.
#[doc(hidden)]
#[macro_export]
macro_rules! status {
    ($word:ident $(, $first:literal)?) => {
        $crate::word!($word, $crate::StatusEntry<$word> $(, $first)?);

        impl $word {
            /// Returns the release that first showed it.
            #[must_use]
            pub const fn since(self) -> &'static str {
                self.entry().since
            }

            /// Returns since when it is deprecated, and what replaces it; `None` if it stays.
            #[must_use]
            pub const fn deprecated(self) -> ::core::option::Option<$crate::Deprecated> {
                self.entry().deprecated
            }

            /// Returns the status with that name.
            #[must_use]
            pub fn from_name(name: &str) -> ::core::option::Option<Self> {
                Self::ALL.into_iter().find(|status| status.name() == name)
            }
        }
    };
}

/// Writes the methods of a message.
#[doc(hidden)]
#[macro_export]
macro_rules! message {
    ($word:ident $(, $first:literal)?) => {
        $crate::word!($word, $crate::MessageEntry<$word> $(, $first)?);

        impl $word {
            /// Returns its number on the wire.
            #[must_use]
            pub const fn number(self) -> u16 {
                self.entry().number
            }

            /// Returns whether it says why: it comes with a text for people.
            #[must_use]
            pub const fn carries_cause(self) -> bool {
                self.entry().carries_cause
            }

            /// Returns the message with that number.
            #[must_use]
            pub fn from_number(number: u16) -> ::core::option::Option<Self> {
                Self::ALL.into_iter().find(|message| message.number() == number)
            }
        }
    };
}

/// Writes that a word is a fact of a machine: its number is its position among the machine's facts.
#[doc(hidden)]
#[macro_export]
macro_rules! fact {
    ($word:ident, $role:ident $(, $first:literal)?) => {
        impl $word {
            /// The set of all of them.
            pub const SET: $crate::FactSet<$role> = {
                let (mut set, mut next) = ($crate::FactSet::EMPTY, 0);
                while next < Self::ALL.len() {
                    set = set.union(Self::ALL[next].fact());
                    next += 1;
                }
                set
            };

            /// Returns the set of this fact alone.
            #[must_use]
            pub const fn fact(self) -> $crate::FactSet<$role> {
                $crate::fact!(@fact self $($first)?)
            }
        }

        impl $crate::Fact<$role> for $word {
            fn fact(self) -> $crate::FactSet<$role> {
                self.fact()
            }
        }
    };
    (@fact $self:ident) => { match $self {} };
    (@fact $self:ident $first:literal) => { $crate::FactSet::bit($self as u32) };
}

/// Writes the methods of a trigger.
#[doc(hidden)]
#[macro_export]
macro_rules! trigger {
    ($word:ident, $role:ident $(, $first:literal)?) => {
        $crate::word!($word, $crate::TriggerEntry<$word> $(, $first)?);
        $crate::fact!($word, $role $(, $first)?);

        impl $word {
            /// Returns the command by which a user asks for it.
            #[must_use]
            pub const fn command(self) -> &'static str {
                self.entry().command
            }

            /// Returns the arguments that distinguish it from other triggers of the same command, as `(name, value)`.
            #[must_use]
            pub const fn with(self) -> &'static [(&'static str, &'static str)] {
                self.entry().with
            }

            /// Returns since when it is deprecated, and what replaces it; `None` if it stays.
            #[must_use]
            pub const fn deprecated(self) -> ::core::option::Option<$crate::Deprecated> {
                self.entry().deprecated
            }
        }
    };
}

/// Writes the methods of an event.
#[doc(hidden)]
#[macro_export]
macro_rules! event {
    ($word:ident, $role:ident $(, $first:literal)?) => {
        $crate::word!($word, $crate::EventEntry<$word> $(, $first)?);
        $crate::fact!($word, $role $(, $first)?);

        impl $word {
            /// Returns whether it says why: it comes with a text for people.
            #[must_use]
            pub const fn carries_cause(self) -> bool {
                self.entry().carries_cause
            }
        }

        impl $crate::EventWord<$role> for $word {
            fn carries_cause(self) -> bool {
                self.carries_cause()
            }
        }
    };
}

/// Writes the methods of a guard.
#[doc(hidden)]
#[macro_export]
macro_rules! guard {
    ($word:ident, $role:ident $(, $first:literal)?) => {
        $crate::word!($word, $crate::GuardEntry<$word> $(, $first)?);
        $crate::fact!($word, $role $(, $first)?);

        impl $word {
            /// The set of those that keep their value for a whole attempt.
            pub const FIXED: $crate::FactSet<$role> = {
                let (mut set, mut next) = ($crate::FactSet::EMPTY, 0);
                while next < Self::ALL.len() {
                    if Self::ENTRIES[next].is_fixed {
                        set = set.union(Self::ALL[next].fact());
                    }
                    next += 1;
                }
                set
            };

            /// Returns the capability behind it, if it is one.
            #[must_use]
            pub const fn capability(self) -> ::core::option::Option<&'static str> {
                self.entry().capability
            }

            /// Returns whether it keeps its value for a whole attempt.
            #[must_use]
            pub const fn is_fixed(self) -> bool {
                self.entry().is_fixed
            }
        }
    };
}

/// Writes the methods of a state.
#[doc(hidden)]
#[macro_export]
macro_rules! state {
    ($word:ident, $role:ident, $status:ident, $resource:ident, $event:ident) => {
        $crate::word!($word, $crate::StateEntry<$role>, 0.state);

        impl $word {
            /// Returns what a client is shown.
            #[must_use]
            pub const fn shows(self) -> $status {
                self.entry().state.shows
            }

            /// Returns what goes on in it.
            #[must_use]
            pub const fn kind(self) -> $crate::Kind {
                self.entry().state.kind
            }

            /// Returns what exists while the machine is in it.
            #[must_use]
            pub const fn holds(self) -> &'static [$resource] {
                self.entry().holds
            }

            /// Returns how long the peer may give no sign of life.
            #[must_use]
            pub const fn timeout(self) -> ::core::option::Option<$crate::Timeout<$event>> {
                self.entry().timeout
            }

            /// Returns whether nothing runs in it: its kind is `idle`.
            #[must_use]
            pub const fn is_idle(self) -> bool {
                ::core::matches!(self.kind(), $crate::Kind::Idle)
            }

            /// Returns whether its kind is `work`.
            #[must_use]
            pub const fn is_work(self) -> bool {
                ::core::matches!(self.kind(), $crate::Kind::Work)
            }

            /// Returns whether its kind is `wait`.
            #[must_use]
            pub const fn is_wait(self) -> bool {
                ::core::matches!(self.kind(), $crate::Kind::Wait)
            }

            /// Returns whether its kind is `cleanup`.
            #[must_use]
            pub const fn is_cleanup(self) -> bool {
                ::core::matches!(self.kind(), $crate::Kind::Cleanup)
            }
        }
    };
}
