//! How much a difference matters to each class of observers.

use migration_table::model::{Channel, Repeat, Unknown};

use super::observer::ObserverClass;
use super::report::Level;

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
    pub(in crate::compare) const fn all(level: Level) -> Levels {
        Levels::sent_and_asked(level, level)
    }

    /// One level for those who are sent events, one for those who ask.
    pub(in crate::compare) const fn sent_and_asked(sent: Level, asked: Level) -> Levels {
        let (sent, asked) = (Some(sent), Some(asked));
        Levels { strict_events: sent, events: sent, level_events: sent, strict_poll: asked, poll: asked }
    }

    /// To observers of one class alone. One that fails at what it does not know and passes over repeats has no place of its
    /// own: it has those of both.
    pub(in crate::compare) fn only(class: ObserverClass, level: Level) -> Levels {
        let asks = class.channel == Channel::Poll;
        let (fails, passes) = (class.unknown == Unknown::Fail, class.repeat == Repeat::Skip);
        let level = |is_it: bool| is_it.then_some(level);
        Levels {
            strict_events: level(!asks && fails),
            events: level(!asks && !fails && !passes),
            level_events: level(!asks && passes),
            strict_poll: level(asks && fails),
            poll: level(asks && !fails),
        }
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
