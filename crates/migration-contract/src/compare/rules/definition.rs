//! What a rule is made of.

use migration_table::model::{Channel, Repeat, Unknown};

use crate::compare::observer::ObserverClass;
use crate::compare::report::Level;
use crate::compare::sides::{Listed, Sides};
use crate::compare::walk::{Difference, Walk};

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name: `event-new-successor`.
    pub id: &'static str,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// How much it matters to whom.
    pub levels: Levels,
    /// When it fires, exactly.
    pub definition: &'static str,
    /// Why it matters to a client.
    pub why: &'static str,
    /// How to make the change in a way that clients can live with.
    pub keep_compatible: &'static str,
    /// When it is right to accept it.
    pub accept: &'static str,
    /// How it is applied.
    pub(in crate::compare) run: Run,
}

/// How much a rule matters to each class of observers; none if they cannot see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// To one that is sent events and fails at what it does not know: `E!`.
    pub strict_events: Option<Level>,
    /// To one that is sent events and passes over what it does not know: `E`.
    pub events: Option<Level>,
    /// To one to which a repeat is nothing besides: `El`.
    pub level_events: Option<Level>,
    /// To one that asks and fails at what it does not know: `P!`.
    pub strict_poll: Option<Level>,
    /// To one that asks and passes over what it does not know: `P`.
    pub poll: Option<Level>,
}

impl Levels {
    /// The same to everybody.
    pub(super) const fn all(level: Level) -> Levels {
        Levels::sent_and_asked(level, level)
    }

    /// One level for those who are sent events, one for those who ask.
    pub(super) const fn sent_and_asked(sent: Level, asked: Level) -> Levels {
        let (sent, asked) = (Some(sent), Some(asked));
        Levels { strict_events: sent, events: sent, level_events: sent, strict_poll: asked, poll: asked }
    }

    /// How much it matters to such an observer.
    #[must_use]
    pub fn to(&self, class: ObserverClass) -> Option<Level> {
        match (class.channel, class.unknown, class.repeat) {
            (Channel::Poll, Unknown::Fail, _) => self.strict_poll,
            (Channel::Poll, Unknown::Skip, _) => self.poll,
            (Channel::Events, Unknown::Fail, Repeat::See) => self.strict_events,
            (Channel::Events, Unknown::Skip, Repeat::See) => self.events,
            (Channel::Events, Unknown::Skip, Repeat::Skip) => self.level_events,
            (Channel::Events, Unknown::Fail, Repeat::Skip) => self.level_events.and(self.strict_events),
        }
    }
}

/// What keeps a change compatible that nobody relies on.
pub(super) const NOTHING_TO_DO: &str = "nothing needs to be done";

/// When it is right to accept what is worth a note.
pub(super) const NO_APPROVAL: &str = "it needs no approval where notes are not gated";

/// How a rule is applied.
#[derive(Clone, Copy, Debug)]
pub(in crate::compare) enum Run {
    /// To every difference that a walk found, until one claims it.
    Claims(fn(&Walk<'_>, &Difference) -> Option<Claim>),
    /// To the reasons that come with a status, where both sides show the same statuses.
    Reasons,
    /// To both sides as a whole.
    Lists(fn(&Sides<'_>) -> Vec<Listed>),
}

/// What a rule says of a difference.
pub(in crate::compare) struct Claim {
    /// What it is about.
    pub(in crate::compare) subject: String,
    /// What is to be said, in one line.
    pub(in crate::compare) message: String,
    /// Whether it is true wherever the status is shown that the message names, and not only where the difference is.
    pub(in crate::compare) is_everywhere: bool,
}
