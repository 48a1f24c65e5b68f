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
    /// What it means, in a few words.
    fn meaning(self) -> &'static str;
}

/// Gives the values of a type their words.
macro_rules! choices {
    ($($type:ty = $expected:literal { $($value:path => $word:literal: $meaning:literal,)* })*) => {$(
        impl Choice for $type {
            const ALL: &'static [Self] = &[$($value,)*];
            const EXPECTED: &'static str = $expected;

            fn word(self) -> &'static str {
                match self {
                    $($value => $word,)*
                }
            }

            fn meaning(self) -> &'static str {
                match self {
                    $($value => $meaning,)*
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

    fn meaning(self) -> &'static str {
        match self {
            Kind::Idle => "no attempt is under way, and nothing is held",
            Kind::Work => "something is done",
            Kind::Wait => "something is awaited",
            Kind::Cleanup => "what an attempt held is released",
        }
    }
}

choices! {
    Carries = "a value of `carries`" {
        Carries::Cause => "cause": "a text that says why",
    }

    AnswerWord = "an answer" {
        AnswerWord::Ignore => "ignore": "success, and nothing happens",
        AnswerWord::Handle => "handle": "success: the host carries it out, and the state stays",
        AnswerWord::Refuse => "refuse": "an error, and nothing happens",
    }

    Channel = "a channel" {
        Channel::Events => "events": "it is told of every change",
        Channel::Poll => "poll": "it asks",
    }

    Unknown = "a way with unknown statuses" {
        Unknown::Skip => "skip": "it goes on as if they had not been shown",
        Unknown::Fail => "fail": "it gives up",
    }

    Repeat = "a way with repeated statuses" {
        Repeat::See => "see": "it sees each of them",
        Repeat::Skip => "skip": "it sees the first of them",
    }

    Was = "a kind of public name" {
        Was::Status => "status": "a value of the status",
        Was::Reason => "reason": "a reason why an attempt ended",
        Was::Command => "command": "a command",
        Was::Capability => "capability": "a capability",
    }
}
