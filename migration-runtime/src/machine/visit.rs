//! One stay in one state, as the work sees it: when it is over, and how long the peer may be silent.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{EventfdFlags, eventfd};

use crate::channel::Interrupt;
use crate::sync::Arc;
use crate::sync::atomic::{AtomicBool, Ordering};

/// One migration, from an accepted trigger to an idle state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt(u64);

impl Attempt {
    pub(super) fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The number of the attempt, from 1 on; 0 before the first.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

/// One stay in one state. Evidence is reported for the visit that found it.
///
/// It is an [`Interrupt`]: whatever waits for the network wakes when the visit is over.
#[derive(Clone, Debug)]
pub struct Visit {
    number: u64,
    attempt: Attempt,
    timeout: Option<Duration>,
    end: Arc<End>,
}

/// Whether a visit is over, and a descriptor that becomes readable then.
#[derive(Debug)]
struct End {
    over: AtomicBool,
    wakes: Wakes,
}

/// What is polled for the end of a visit.
#[derive(Debug)]
enum Wakes {
    /// An eventfd of this visit.
    Own(OwnedFd),
    /// The process had no descriptor left when the visit began. This one is never readable: the work notices the end
    /// of its visit when its wait runs out, later than it should but without harm.
    Never(Arc<OwnedFd>),
}

/// Proof that a visit was over before its work found any evidence.
///
/// Only [`Visit::over`] makes one, so work can leave without evidence only when that is true.
#[derive(Debug)]
pub struct VisitOver(());

impl Visit {
    /// Proof that this visit is over, if it is.
    #[must_use]
    pub fn over(&self) -> Option<VisitOver> {
        self.is_raised().then_some(VisitOver(()))
    }

    /// How long the peer may give no sign of life; none where the state does not bound it.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// How many transitions fired before the visit began. The initial state is visit 0.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The attempt that the visit belongs to.
    #[must_use]
    pub fn attempt(&self) -> Attempt {
        self.attempt
    }

    pub(super) fn is(&self, other: &Visit) -> bool {
        self.number == other.number
    }

    pub(super) fn end(&self) {
        self.end.over.store(true, Ordering::SeqCst);
        if let Wakes::Own(fd) = &self.end.wakes {
            // Only an overflowing count could fail, and then the descriptor is readable already.
            let _ = rustix::io::write(fd, &1_u64.to_ne_bytes());
        }
    }

    /// The visit of a machine that has done nothing yet.
    pub(super) fn first(never: &Arc<OwnedFd>) -> Self {
        Self { number: 0, attempt: Attempt::default(), timeout: None, end: Arc::new(End::new(never)) }
    }

    /// The visit after this one.
    pub(super) fn next(&self, attempt: Attempt, timeout: Option<Duration>, never: &Arc<OwnedFd>) -> Self {
        Self { number: self.number + 1, attempt, timeout, end: Arc::new(End::new(never)) }
    }
}

impl End {
    fn new(never: &Arc<OwnedFd>) -> Self {
        let wakes = unreadable().map_or_else(|_| Wakes::Never(Arc::clone(never)), Wakes::Own);
        Self { over: AtomicBool::new(false), wakes }
    }
}

/// A descriptor that is not readable.
pub(super) fn unreadable() -> std::io::Result<OwnedFd> {
    Ok(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?)
}

impl Interrupt for Visit {
    fn is_raised(&self) -> bool {
        self.end.over.load(Ordering::SeqCst)
    }

    fn fd(&self) -> BorrowedFd<'_> {
        match &self.end.wakes {
            Wakes::Own(fd) => fd.as_fd(),
            Wakes::Never(fd) => fd.as_fd(),
        }
    }
}
