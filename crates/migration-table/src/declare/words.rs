//! The values that are one word out of a few: which words there are, and what each of them is called.

use crate::model::{Channel, Kind, Repeat, Unknown, Was};

/// What can come with an event or a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carries {
    /// A text that says why.
    Cause,
}

/// What can be said to a trigger that no transition takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerWord {
    /// Success, and nothing happens.
    Ignore,
    /// Success: the host carries the command out, and the machine stays as it is.
    Handle,
    /// An error with a reason, and nothing happens.
    Refuse,
}

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
        AnswerWord::Handle => "handle",
        AnswerWord::Refuse => "refuse",
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
        Was::Reason => "reason",
        Was::Command => "command",
        Was::Capability => "capability",
    }
}
