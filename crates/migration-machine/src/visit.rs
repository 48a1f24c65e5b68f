//! One stay in one state, as the work sees it: when it is over, and how long the peer may be silent.

#[cfg(not(feature = "std"))]
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering;
use core::time::Duration;
#[cfg(feature = "std")]
use std::any::Any;
#[cfg(feature = "std")]
use std::sync::{OnceLock, atomic::fence};
#[cfg(feature = "std")]
use std::time::Instant;

#[cfg(feature = "std")]
use crate::sync::{Arc, atomic::AtomicBool};

/// One run of a machine, from the trigger that leaves an idle state to the next idle state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attempt(u64);

impl Attempt {
    /// Returns the number of the attempt, from 1 on; 0 before the first.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }

    #[cfg(feature = "std")]
    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// One stay in one state. Evidence is reported for the visit that found it.
#[derive(Debug)]
#[cfg_attr(feature = "std", derive(Clone))]
pub struct Visit {
    number: u64,
    attempt: Attempt,
    state: &'static str,
    timeout: Option<Duration>,
    timer: Option<Duration>,
    #[cfg(feature = "std")]
    began: Instant,
    end: SharedEnd,
}

/// The end of a visit, which its clones share.
#[cfg(not(feature = "std"))]
type SharedEnd = End;
#[cfg(feature = "std")]
type SharedEnd = Arc<End>;

/// Whether a visit is over, and who waits for that.
#[derive(Debug)]
struct End {
    over: AtomicBool,
    #[cfg(feature = "std")]
    waker: OnceLock<Waker>,
}

/// Proof that a visit was over before its work found any evidence.
///
/// Only [`Visit::over`] makes one, so work can leave without evidence only when that is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitOver(());

impl Visit {
    /// A visit that no machine knows and that is never over, for callers that drive a machine themselves and for tests
    /// of work.
    #[must_use]
    pub fn detached(timeout: Option<Duration>) -> Self {
        Self {
            number: 0,
            attempt: Attempt::default(),
            state: "",
            timeout,
            timer: None,
            #[cfg(feature = "std")]
            began: Instant::now(),
            end: SharedEnd::from(End::new()),
        }
    }

    /// Returns the proof that this visit is over, or `None` while it lasts.
    #[must_use]
    pub fn over(&self) -> Option<VisitOver> {
        self.is_over().then_some(VisitOver(()))
    }

    /// Returns whether this visit is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.end.over.load(Ordering::SeqCst)
    }

    /// Returns the name of the state; empty for a visit that no machine knows, and before the first attempt.
    #[must_use]
    pub fn state(&self) -> &'static str {
        self.state
    }

    /// Returns how long the state may wait for the peer; `None` where the state sets no bound.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Returns how long this visit may last, whatever the peer does; `None` where the state has no timer. The work reports
    /// the event of the timer when this time is over.
    #[must_use]
    pub fn timer(&self) -> Option<Duration> {
        self.timer
    }

    /// Returns how many transitions fired before the visit began. The initial state is visit 0.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns the attempt that the visit belongs to.
    #[must_use]
    pub fn attempt(&self) -> Attempt {
        self.attempt
    }
}

impl End {
    fn new() -> Self {
        Self {
            over: AtomicBool::new(false),
            #[cfg(feature = "std")]
            waker: OnceLock::new(),
        }
    }
}

/// Ends a wait of the work, for example by making a descriptor readable that the work polls.
#[cfg(feature = "std")]
pub trait Wake: Any + Send + Sync {
    /// Ends the present wait and every later one. It is called under the machine's lock, perhaps more than once: it must
    /// not block or call back.
    fn wake(&self);
}

#[cfg(feature = "std")]
struct Waker(Box<dyn Wake>);

#[cfg(feature = "std")]
impl core::fmt::Debug for Waker {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("Waker")
    }
}

#[cfg(feature = "std")]
impl Visit {
    /// Returns what wakes the work at the end of this visit. The first call of a visit makes it; `None` means that an
    /// earlier call made one of another type.
    pub fn waker<W: Wake>(&self, make: impl FnOnce() -> W) -> Option<&W> {
        let waker = &self.end.waker.get_or_init(|| Waker(Box::new(make()))).0;
        // Either the thread that ends the visit sees the waker, or this one sees the end.
        fence(Ordering::SeqCst);
        if self.is_over() {
            waker.wake();
        }
        let waker: &dyn Any = waker.as_ref();
        waker.downcast_ref()
    }

    /// Returns when the visit began.
    #[must_use]
    pub fn began(&self) -> Instant {
        self.began
    }

    /// Returns the end of the time that the state may wait for the peer, counted from the beginning of the visit;
    /// `None` where the state sets no bound.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.began.checked_add(self.timeout?)
    }

    pub(crate) fn is(&self, other: &Visit) -> bool {
        self.number == other.number
    }

    pub(crate) fn end(&self) {
        self.end.over.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        if let Some(waker) = self.end.waker.get() {
            waker.0.wake();
        }
    }

    /// The visit after this one.
    pub(crate) fn next(
        &self,
        attempt: Attempt,
        state: &'static str,
        timeout: Option<Duration>,
        timer: Option<Duration>,
    ) -> Self {
        let (number, began, end) = (self.number + 1, Instant::now(), Arc::new(End::new()));
        Self { number, attempt, state, timeout, timer, began, end }
    }
}
