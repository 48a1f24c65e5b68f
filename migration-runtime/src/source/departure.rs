//! What an attempt to move a guest away came to, as a value.

use super::hand_over::after_give_up;
use crate::cause::Cause;
use crate::machine::Outcome;
use crate::states::Reason;
use crate::states::source::{Source, State};

/// How an attempt to move a guest away ended, and where the guest is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// The guest is on the destination.
    Completed,
    /// A user ended the attempt. The guest is here.
    Cancelled(Here),
    /// The attempt failed. The guest is here.
    Failed(Here, Cause),
    /// The guest was given up: it runs on the destination or nowhere, and must not be run here before somebody has looked
    /// there. The cause says what to look for. A post-copy that its user gave up ends like this too.
    InDoubt(Cause),
}

/// What became of a guest that stayed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Here {
    /// It is as it was before the attempt: it runs, or is paused.
    AsBefore,
    /// It cannot go on, and why.
    Stuck(Cause),
}

impl Departure {
    pub(super) fn of(outcome: &Outcome<Source>, stranded: Option<&Cause>, ran_there: bool) -> Self {
        let here = stranded.map_or(Here::AsBefore, |why| Here::Stuck(why.clone()));
        let cause = || {
            let decided = || outcome.ending.as_ref().map_or("nothing", |ending| ending.decided_by);
            outcome.cause().cloned().unwrap_or_else(|| Cause::new(format!("`{}` ended the attempt", decided())))
        };
        if outcome.state == State::Completed {
            Self::Completed
        } else if outcome.state == State::Cancelled {
            Self::Cancelled(here)
        } else if outcome.state == State::Unknown {
            Self::InDoubt(match outcome.reason {
                Some(Reason::GivenUp) => Cause::new(after_give_up(ran_there)),
                Some(_) | None => cause(),
            })
        } else {
            Self::Failed(here, cause())
        }
    }
}
