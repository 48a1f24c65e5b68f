//! The values that are one word out of a few: which words there are, and what each of them is called.

use super::{AnswerWord, Carries, ErrorClass};
use crate::model::{Channel, Kind, Repeat, Unknown, Was};

/// A value that is one word out of a few.
pub(crate) trait Choice: Copy + 'static {
    /// All of them.
    const ALL: &'static [Self];
    /// What they are, as the end of "expected ...".
    const EXPECTED: &'static str;
    /// The word.
    fn word(self) -> &'static str;
}

/// Gives the values of a type their words.
macro_rules! choices {
    ($($type:ty = $expected:literal { $($value:path => $word:literal,)* })*) => {$(
        impl Choice for $type {
            const ALL: &'static [Self] = &[$($value,)*];
            const EXPECTED: &'static str = $expected;

            fn word(self) -> &'static str {
                match self {
                    $($value => $word,)*
                }
            }
        }
    )*};
}

impl Choice for Kind {
    const ALL: &'static [Self] = &Kind::ALL;
    const EXPECTED: &'static str = "a kind";

    fn word(self) -> &'static str {
        self.name()
    }
}

choices! {
    Carries = "a value of `carries`" {
        Carries::Cause => "cause",
    }

    AnswerWord = "an answer" {
        AnswerWord::Ignore => "ignore",
        AnswerWord::Refuse => "refuse",
    }

    ErrorClass = "a class of errors" {
        ErrorClass::GenericError => "GenericError",
        ErrorClass::CommandNotFound => "CommandNotFound",
        ErrorClass::DeviceNotActive => "DeviceNotActive",
        ErrorClass::DeviceNotFound => "DeviceNotFound",
        ErrorClass::KvmMissingCap => "KVMMissingCap",
    }

    Channel = "a channel" {
        Channel::Events => "events",
        Channel::Poll => "poll",
    }

    Unknown = "a way with unknown statuses" {
        Unknown::Skip => "skip",
        Unknown::Fail => "fail",
    }

    Repeat = "a way with repeated statuses" {
        Repeat::See => "see",
        Repeat::Skip => "skip",
    }

    Was = "a kind of public name" {
        Was::Status => "status",
        Was::Command => "command",
        Was::Capability => "capability",
    }
}
