//! What can go wrong between two sides, and which event of the present state says so.

use crate::cause::Cause;
use crate::channel::{ChannelError, ChannelErrorKind};
use crate::guest::GuestError;
use crate::machine::{Visit, VisitOver};

/// Why work cannot go on.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Its visit is over.
    Over(VisitOver),
    /// The peer gave no sign of life.
    TimedOut(Cause),
    /// The peer says that it cannot go on.
    Refused(Cause),
    /// Anything else.
    Failed(Cause),
}

/// The evidence of a state, with the events that say what went wrong in it.
pub(crate) trait Evidence: Sized {
    fn timed_out(cause: Cause) -> Self;
    fn refused(cause: Cause) -> Self;
    fn failed(cause: Cause) -> Self;
}

impl Trouble {
    /// Trouble with the channel during `visit`.
    pub(crate) fn channel(visit: &Visit, error: &ChannelError) -> Self {
        let cause = Cause::new(error.to_line());
        match (error.kind(), visit.over()) {
            (ChannelErrorKind::Interrupted, Some(over)) => Self::Over(over),
            (ChannelErrorKind::TimedOut, _) => Self::TimedOut(cause),
            (
                ChannelErrorKind::Interrupted
                | ChannelErrorKind::Closed
                | ChannelErrorKind::Io
                | ChannelErrorKind::Protocol,
                _,
            ) => Self::Failed(cause),
        }
    }

    /// The same trouble, with what it means said after its own words.
    pub(crate) fn meaning(self, text: &str) -> Self {
        let with = |cause: Cause| Cause::new(format!("{cause}: {text}"));
        match self {
            Self::Over(over) => Self::Over(over),
            Self::TimedOut(cause) => Self::TimedOut(with(cause)),
            Self::Refused(cause) => Self::Refused(with(cause)),
            Self::Failed(cause) => Self::Failed(with(cause)),
        }
    }

    /// The peer did what it may not do now.
    pub(crate) fn protocol(text: impl Into<String>) -> Self {
        Self::Failed(Cause::new(text))
    }
}

impl From<GuestError> for Trouble {
    fn from(error: GuestError) -> Self {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            text.push_str(&format!(": {error}"));
            source = error.source();
        }
        Self::Failed(Cause::new(text))
    }
}

/// Turns what work found, or the trouble it had, into the evidence of its state.
pub(crate) fn evidence<E: Evidence>(found: Result<E, Trouble>) -> Result<E, VisitOver> {
    match found {
        Ok(evidence) => Ok(evidence),
        Err(Trouble::Over(over)) => Err(over),
        Err(Trouble::TimedOut(cause)) => Ok(E::timed_out(cause)),
        Err(Trouble::Refused(cause)) => Ok(E::refused(cause)),
        Err(Trouble::Failed(cause)) => Ok(E::failed(cause)),
    }
}

/// Names the events of a state that say what went wrong: `state(timed out, refused, failed)`.
macro_rules! troubles {
    ($($event:ident($timed_out:ident, $refused:ident, $failed:ident);)*) => {
        $(impl crate::trouble::Evidence for $event<crate::cause::Cause> {
            fn timed_out(cause: crate::cause::Cause) -> Self {
                Self::$timed_out(cause)
            }

            fn refused(cause: crate::cause::Cause) -> Self {
                Self::$refused(cause)
            }

            fn failed(cause: crate::cause::Cause) -> Self {
                Self::$failed(cause)
            }
        })*
    };
}

pub(crate) use troubles;
