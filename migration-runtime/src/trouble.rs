//! What can go wrong between two sides, and which event of the present state says so.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::cause::Cause;
use crate::channel::{ChannelError, ChannelErrorKind};
use crate::guest::GuestError;
use crate::machine::{Unsent, Visit, VisitOver};

/// Why work cannot go on.
#[derive(Debug)]
pub(crate) enum Trouble {
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
        match (error.kind(), visit.over()) {
            (ChannelErrorKind::Interrupted, Some(over)) => Self::Over(over),
            (ChannelErrorKind::TimedOut, _) => Self::TimedOut(late(visit, error)),
            (
                ChannelErrorKind::Interrupted
                | ChannelErrorKind::Closed
                | ChannelErrorKind::Io
                | ChannelErrorKind::Protocol,
                _,
            ) => Self::Failed(Cause::new(error.to_line())),
        }
    }

    /// The same trouble, with what a timeout means added to its own words.
    pub(crate) fn on_timeout(self, meaning: &str) -> Self {
        match self {
            Self::TimedOut(cause) => Self::TimedOut(cause.with_meaning(meaning)),
            other @ (Self::Over(_) | Self::Refused(_) | Self::Failed(_)) => other,
        }
    }

    /// Returns what it says; nothing where its visit is over.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Over(_) => "",
            Self::TimedOut(cause) | Self::Refused(cause) | Self::Failed(cause) => cause.text(),
        }
    }

    /// Says why a message was not sent.
    pub(crate) fn unsent(self) -> Unsent {
        match self {
            Self::Over(over) => Unsent::Over(over),
            Self::TimedOut(cause) | Self::Refused(cause) | Self::Failed(cause) => Unsent::Failed(cause),
        }
    }

    /// The peer did what it may not do now.
    pub(crate) fn protocol(text: impl Into<String>) -> Self {
        Self::Failed(Cause::new(text))
    }
}

/// Says which bound the peer did not keep: what a user or an embedder can change is the timeout of the state.
fn late(visit: &Visit, error: &ChannelError) -> Cause {
    let (line, state) = (error.to_line(), visit.state());
    let times = |limit: Duration| {
        let timeout = visit.timeout().filter(|timeout| !timeout.is_zero())?.as_nanos();
        limit.as_nanos().is_multiple_of(timeout).then(|| limit.as_nanos() / timeout)
    };
    match error.limit().and_then(times) {
        Some(1) => Cause::new(format!("{line} (the timeout of `{state}`)")).of_timeout(state),
        Some(times) => Cause::new(format!("{line} ({times} times the timeout of `{state}`)")).of_timeout(state),
        None => Cause::new(line),
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

/// Does the work of a state, and turns what it found, or the trouble it had, into the evidence of that state. A panic is
/// trouble like any other: the attempt must end, and the guest must go on.
pub(crate) fn evidence<E: Evidence>(work: impl FnOnce() -> Result<E, Trouble>) -> Result<E, VisitOver> {
    match guarded(work) {
        Ok(evidence) => Ok(evidence),
        Err(Trouble::Over(over)) => Err(over),
        Err(Trouble::TimedOut(cause)) => Ok(E::timed_out(cause)),
        Err(Trouble::Refused(cause)) => Ok(E::refused(cause)),
        Err(Trouble::Failed(cause)) => Ok(E::failed(cause)),
    }
}

/// Makes a panic of the work trouble.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    // The work is asked for nothing but clean-up afterwards, and that looks at each part by itself.
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(Trouble::Failed(Cause::new(format!("the work panicked: {}", panic_text(&*panic))))))
}

/// Returns what a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
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
