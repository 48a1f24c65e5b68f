//! Why a channel cannot go on.

use std::error::Error;
use std::io;
use std::time::Duration;

use crate::wire::WireError;

/// An error of a channel: what happened, for people, and a kind, for callers.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct ChannelError {
    kind: ChannelErrorKind,
    text: String,
    /// How long a peer was waited for that was too slow, where the caller set that bound.
    limit: Option<Duration>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What a caller can act on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ChannelErrorKind {
    /// The interrupt was raised.
    Interrupted,
    /// Nothing moved for as long as the caller was willing to wait.
    TimedOut,
    /// The peer closed the connection, or it broke.
    Closed,
    /// The operating system refused something.
    Io,
    /// The peer said something that it may not say here.
    Protocol,
}

impl ChannelError {
    /// An error about what the peer said: one lower-case sentence without a full stop.
    pub fn protocol(text: impl Into<String>) -> ChannelError {
        ChannelError::new(ChannelErrorKind::Protocol, text)
    }

    /// What a caller can act on.
    pub fn kind(&self) -> ChannelErrorKind {
        self.kind
    }

    /// The error with all of its causes in one line.
    pub fn to_line(&self) -> String {
        let mut line = self.text.clone();
        let mut cause = self.source();
        while let Some(error) = cause {
            line.push_str(": ");
            line.push_str(&error.to_string());
            cause = error.source();
        }
        line
    }

    pub(crate) fn interrupted() -> ChannelError {
        ChannelError::new(ChannelErrorKind::Interrupted, "interrupted")
    }

    /// Returns how long the caller was willing to wait, where that is why this is an error.
    pub fn limit(&self) -> Option<Duration> {
        self.limit
    }

    pub(crate) fn timed_out(what: &str, after: Duration) -> ChannelError {
        let text = format!("{what} for {} s", after.as_secs_f64());
        ChannelError { limit: Some(after), ..ChannelError::new(ChannelErrorKind::TimedOut, text) }
    }

    /// The same error, where the bound is not the caller's.
    pub(crate) fn of_other_bound(self, whose: &str) -> ChannelError {
        ChannelError { limit: None, text: format!("{} ({whose})", self.text), ..self }
    }

    /// The peer gave signs of life for this long, and `what` it did besides.
    pub(crate) fn stalled(what: &str, after: Duration) -> ChannelError {
        let text = format!("{what} for {} s, and gave signs of life only", after.as_secs_f64());
        ChannelError { limit: Some(after), ..ChannelError::new(ChannelErrorKind::TimedOut, text) }
    }

    /// The whole of a wait took longer than this, whatever the peer said meanwhile.
    pub(crate) fn late(limit: Duration) -> ChannelError {
        let text = format!("the peer did not do its part within {} s", limit.as_secs_f64());
        ChannelError { limit: Some(limit), ..ChannelError::new(ChannelErrorKind::TimedOut, text) }
    }

    pub(crate) fn closed() -> ChannelError {
        ChannelError::new(ChannelErrorKind::Closed, "the peer closed the connection")
    }

    /// The peer ended the attempt, and said why.
    pub(crate) fn farewell(why: &str) -> ChannelError {
        let why = if why.is_empty() { "it gave no reason" } else { why };
        ChannelError::new(ChannelErrorKind::Closed, format!("the peer ended the migration: {why}"))
    }

    pub(crate) fn torn() -> ChannelError {
        let text = "the connection was left in the middle of a frame";
        ChannelError::new(ChannelErrorKind::Closed, text)
    }

    /// An error of the operating system while doing `what`; a broken connection counts as closed.
    pub(crate) fn io(what: impl Into<String>, error: impl Into<io::Error>) -> ChannelError {
        let error = error.into();
        let broken = matches!(
            error.kind(),
            io::ErrorKind::BrokenPipe
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::NotConnected
        );
        let kind = if broken { ChannelErrorKind::Closed } else { ChannelErrorKind::Io };
        ChannelError { source: Some(Box::new(error)), ..ChannelError::new(kind, what) }
    }

    /// A stream that is no socket failed while doing `what`, and why.
    pub(crate) fn broken(what: &str, kind: io::ErrorKind, why: &str) -> ChannelError {
        let ended =
            matches!(kind, io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset);
        let kind = if ended { ChannelErrorKind::Closed } else { ChannelErrorKind::Protocol };
        ChannelError::new(kind, format!("{what}: {why}"))
    }

    /// An error of the operating system before there is a connection.
    pub(crate) fn refused(what: impl Into<String>, error: impl Into<io::Error>) -> ChannelError {
        ChannelError { source: Some(Box::new(error.into())), ..ChannelError::new(ChannelErrorKind::Io, what) }
    }

    /// The same error, which says `what` was waited for in vain if it is that the time was over.
    pub(crate) fn awaiting(self, what: &str) -> ChannelError {
        if self.kind == ChannelErrorKind::TimedOut { self.during(format!("{what} did not come")) } else { self }
    }

    /// The same kind of error, told as the cause of another.
    pub(crate) fn during(self, what: impl Into<String>) -> ChannelError {
        let (kind, limit) = (self.kind, self.limit);
        ChannelError { limit, source: Some(Box::new(self)), ..ChannelError::new(kind, what) }
    }

    /// The same error once more, with all of its causes in its text.
    pub(crate) fn again(&self) -> ChannelError {
        ChannelError { limit: self.limit, ..ChannelError::new(self.kind, self.to_line()) }
    }

    fn new(kind: ChannelErrorKind, text: impl Into<String>) -> ChannelError {
        ChannelError { kind, text: text.into(), limit: None, source: None }
    }
}

impl From<WireError> for ChannelError {
    fn from(error: WireError) -> ChannelError {
        ChannelError::protocol(error.to_string())
    }
}
