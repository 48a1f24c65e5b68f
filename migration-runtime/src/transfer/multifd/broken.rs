//! Which connection for pages broke first, and why.

use std::any::Any;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::channel::{ChannelError, ChannelErrorKind};
use crate::trouble::panic_text;

/// What ended the first connection that ended too early.
#[derive(Debug)]
pub(super) struct Broken {
    first: Mutex<Option<(ChannelError, Instant)>>,
    patience: Duration,
}

impl Broken {
    /// All connections are well. A peer that hangs up says why on the main connection, which may take `patience` to bring
    /// it. The source is to have less of it than the destination: where both find a connection broken, the source says
    /// so, as it does where there is one connection only.
    pub(super) fn new(patience: Duration) -> Broken {
        Broken { first: Mutex::default(), patience }
    }

    /// Notes why the connection with this number ended; only the first counts.
    pub(super) fn note(&self, index: usize, error: ChannelError) {
        let error = error.during(format!("connection {index} for pages"));
        self.first().get_or_insert_with(|| (error, Instant::now()));
    }

    /// Returns how long the peer may still take to explain why it closed a connection; `None` where all are well.
    ///
    /// # Errors
    /// When a connection is broken, and the time to explain that is over.
    pub(super) fn check(&self) -> Result<Option<Duration>, ChannelError> {
        let first = self.first();
        let Some((error, at)) = &*first else { return Ok(None) };
        match (error.kind(), self.patience.checked_sub(at.elapsed())) {
            (ChannelErrorKind::Closed, Some(left)) => Ok(Some(left)),
            (_, _) => Err(error.again()),
        }
    }

    fn first(&self) -> MutexGuard<'_, Option<(ChannelError, Instant)>> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What it means that a thread panicked.
pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Result<(), ChannelError> {
    Err(ChannelError::protocol(format!("the work panicked: {}", panic_text(&*panic))))
}
