//! One stay in one state, as the work sees it: when it is over, and how long the peer may be silent.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use crate::channel::{Interrupt, Raiser};

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
#[derive(Clone, Debug, Default)]
pub struct Visit {
    number: u64,
    attempt: Attempt,
    timeout: Option<Duration>,
    over: Arc<Raiser>,
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
        self.over.is_raised().then_some(VisitOver(()))
    }

    /// How long the peer may give no sign of life; none where the state does not bound it.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
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
        self.over.raise();
    }

    pub(super) fn next(&self, attempt: Attempt, timeout: Option<Duration>) -> Self {
        Self { number: self.number + 1, attempt, timeout, over: Arc::default() }
    }
}

impl Interrupt for Visit {
    fn is_raised(&self) -> bool {
        self.over.is_raised()
    }

    fn fd(&self) -> BorrowedFd<'_> {
        self.over.as_fd()
    }
}
