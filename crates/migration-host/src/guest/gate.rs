//! The gate in front of a guest's thread: open, the guest runs; closed, it waits in front of it and touches nothing.
//!
//! Both kinds of guest have one thread and the same questions (does it run, has it really stopped, did it break down), so
//! both are answered here. Only the thread itself reports that it has stopped, and a thread that closes the gate waits for
//! that report.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use migration_runtime::guest::GuestError;

/// A thread that has not stopped after this long is nudged again.
const NUDGE_AGAIN: Duration = Duration::from_millis(1);

/// A thread that has not stopped after this long will not stop.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(10);

/// A gate with one thread.
#[derive(Debug)]
pub(super) struct Gate {
    /// Held by whoever opens or closes the gate or needs it to stay closed, so that these come one after another.
    order: Mutex<()>,
    phase: Mutex<Phase>,
    changed: Condvar,
    /// The same as `wanted` not being [`Wanted::Run`], for the thread to look at between any two steps.
    closing: AtomicBool,
}

/// What the thread is to do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Go {
    /// Run the guest.
    Run,
    /// End: the guest is no longer needed.
    End,
}

/// Proof that the gate is closed, and stays so while this lives.
pub(super) struct Closed<'a> {
    gate: &'a Gate,
    _order: MutexGuard<'a, ()>,
}

#[derive(Debug)]
struct Phase {
    wanted: Wanted,
    /// The thread stands in front of the gate.
    waiting: bool,
    /// Whether somebody closes the gate now, and whether they are to give that up.
    close: Close,
    /// Why the guest broke down, if it did.
    failure: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Close {
    No,
    UnderWay,
    GivenUp,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wanted {
    Run,
    Stop,
    End,
}

impl Gate {
    /// A closed gate. Its thread counts as stopped although it may not have arrived yet.
    pub(super) fn new() -> Gate {
        let phase = Phase { wanted: Wanted::Stop, waiting: true, close: Close::No, failure: None };
        Gate {
            order: Mutex::new(()),
            phase: Mutex::new(phase),
            changed: Condvar::new(),
            closing: AtomicBool::new(true),
        }
    }

    /// Lets the thread run the guest, if `check` agrees; no effect while it runs.
    pub(super) fn open(&self, check: impl FnOnce() -> Result<(), GuestError>) -> Result<(), GuestError> {
        let _order = lock(&self.order);
        let mut phase = lock(&self.phase);
        if let Some(failure) = &phase.failure {
            return Err(GuestError::new(format!("the guest broke down and cannot run: {failure}")));
        }
        if phase.wanted == Wanted::Run {
            return Ok(());
        }
        check()?;
        // From here on the guest counts as running, even if its thread takes a while to notice.
        phase.waiting = false;
        phase.wanted = Wanted::Run;
        self.closing.store(false, Ordering::Release);
        self.changed.notify_all();
        Ok(())
    }

    /// Stops the thread and returns when it has stopped. `nudge` gets it out of whatever it waits for elsewhere; it is
    /// called more than once, for a nudge may come too early to be noticed.
    pub(super) fn close(&self, nudge: impl Fn()) -> Result<(), GuestError> {
        let _order = lock(&self.order);
        self.shut(Wanted::Stop, nudge)
    }

    /// Tells whoever closes the gate to give up, so that the thread runs on. No effect once the thread has stopped.
    pub(super) fn give_up_closing(&self) {
        let mut phase = lock(&self.phase);
        if phase.close == Close::UnderWay {
            phase.close = Close::GivenUp;
            self.changed.notify_all();
        }
    }

    /// Like [`close`](Gate::close), and the thread ends.
    pub(super) fn end(&self, nudge: impl Fn()) -> Result<(), GuestError> {
        let _order = lock(&self.order);
        self.shut(Wanted::End, nudge)
    }

    /// Keeps the gate closed for a while.
    pub(super) fn keep_closed(&self) -> Result<Closed<'_>, GuestError> {
        let closed = Closed { _order: lock(&self.order), gate: self };
        if self.is_open() {
            return Err(GuestError::new("the guest runs, it must be stopped for that"));
        }
        Ok(closed)
    }

    /// Whether the guest runs: it was let in and has not stopped since.
    pub(super) fn is_open(&self) -> bool {
        let phase = lock(&self.phase);
        phase.wanted == Wanted::Run || !phase.waiting
    }

    /// Why the guest broke down, if it did.
    pub(super) fn failure(&self) -> Option<String> {
        lock(&self.phase).failure.clone()
    }

    /// For the thread: waits until the gate opens. Until it returns, the guest is stopped.
    pub(super) fn enter(&self) -> Go {
        let mut phase = lock(&self.phase);
        loop {
            match phase.wanted {
                Wanted::Run => return Go::Run,
                Wanted::Stop | Wanted::End => {
                    phase.waiting = true;
                    self.changed.notify_all();
                }
            }
            if phase.wanted == Wanted::End {
                return Go::End;
            }
            phase = self.changed.wait(phase).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// For the thread, between any two steps: whether it has to go back to [`enter`](Gate::enter).
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// For the thread: waits until `due`, or until the gate closes.
    pub(super) fn wait_until(&self, due: Instant) {
        let mut phase = lock(&self.phase);
        while phase.wanted == Wanted::Run {
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.changed.wait_timeout(phase, left).unwrap_or_else(PoisonError::into_inner);
            phase = waited.0;
        }
    }

    /// For the thread: closes the gate from within, because the guest broke down.
    pub(super) fn fail(&self, failure: String) {
        let mut phase = lock(&self.phase);
        phase.failure = Some(failure);
        if phase.wanted == Wanted::Run {
            phase.wanted = Wanted::Stop;
            self.closing.store(true, Ordering::Release);
        }
    }

    fn shut(&self, wanted: Wanted, nudge: impl Fn()) -> Result<(), GuestError> {
        let mut phase = lock(&self.phase);
        let before = std::mem::replace(&mut phase.wanted, wanted);
        phase.close = Close::UnderWay;
        self.closing.store(true, Ordering::Release);
        self.changed.notify_all();
        let start = Instant::now();
        while !phase.waiting {
            nudge();
            let waited = self.changed.wait_timeout(phase, NUDGE_AGAIN).unwrap_or_else(PoisonError::into_inner);
            phase = waited.0;
            if !phase.waiting && phase.close == Close::GivenUp && wanted == Wanted::Stop {
                (phase.wanted, phase.close) = (before, Close::No);
                self.closing.store(before != Wanted::Run, Ordering::Release);
                return Err(GuestError::new("the guest was not stopped: that was given up, and it runs on"));
            }
            if start.elapsed() > CLOSE_TIME_MAX {
                phase.close = Close::No;
                let seconds = CLOSE_TIME_MAX.as_secs();
                return Err(GuestError::new(format!("the guest does not stop: it was given {seconds} seconds")));
            }
        }
        phase.close = Close::No;
        Ok(())
    }
}

impl Closed<'_> {
    /// Forgets that the guest broke down: it has been given another state.
    pub(super) fn forgive(&self) {
        lock(&self.gate.phase).failure = None;
    }
}

/// Locks, also after a panic of another thread: all that is locked here is valid at any time.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
