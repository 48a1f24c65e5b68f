//! How far an attempt has come: counters that the work writes and anyone may read at any time.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::cause::Cause;
use crate::figures::Figures;
use crate::memory::PAGE_BYTES;
use crate::wire::Token;

/// The counters of an attempt. Each is exact; two that are read one after the other may be of different instants.
#[derive(Debug, Default)]
pub struct Progress {
    transferred_bytes: AtomicU64,
    multifd_bytes: AtomicU64,
    taken_bytes: AtomicU64,
    pages_normal: AtomicU64,
    pages_zero: AtomicU64,
    rounds: AtomicU64,
    remaining_bytes: AtomicU64,
    rate: AtomicU64,
    dirty_rate_pages: AtomicU64,
    expected_downtime_us: AtomicU64,
    downtime_us: AtomicU64,
    throttle_percent: AtomicU8,
    ran_there: AtomicBool,
    stranded: Mutex<Option<Cause>>,
    token: Mutex<Option<Token>>,
    postcopy: Mutex<Option<Figures>>,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Snapshot {
    /// Bytes that were sent, or on the destination received, headers included.
    pub transferred_bytes: u64,
    /// Those of them that were sent over connections for pages.
    pub multifd_bytes: u64,
    /// Bytes that the destination says it has read; the rest of those that were sent is on its way.
    pub taken_bytes: u64,
    /// Pages whose contents were sent; one that is sent twice counts twice.
    pub pages_normal: u64,
    /// Pages of zeroes that were named.
    pub pages_zero: u64,
    /// Rounds that were begun.
    pub rounds: u64,
    /// What has yet to be sent, as far as is known, in bytes.
    pub remaining_bytes: u64,
    /// How fast the last bytes went, in bytes a second.
    pub rate: u64,
    /// How fast the guest writes pages, in pages a second.
    pub dirty_rate_pages: u64,
    /// By how many per cent auto-converge slows the guest down; 0 if it does not.
    pub throttle_percent: u8,
    /// How long the guest would stand still if it were stopped now; nothing until that can be told.
    pub expected_downtime: Option<Duration>,
    /// How long the guest stood still; nothing until that can be told.
    pub downtime: Option<Duration>,
}

/// A duration that is not known yet, as it is stored.
const UNKNOWN: u64 = 0;

impl Progress {
    /// Counters of an attempt that has not begun.
    pub fn new() -> Progress {
        Progress::default()
    }

    /// Says why the guest does not go on, although the attempt has ended with the guest here.
    pub fn set_stranded(&self, cause: &Cause) {
        *self.stranded.lock().unwrap_or_else(PoisonError::into_inner) = Some(cause.clone());
    }

    /// Returns why the guest does not go on, although the attempt has ended with the guest here; `None` if it does.
    pub fn stranded(&self) -> Option<Cause> {
        self.stranded.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes that the destination of a post-copy runs the guest, or ran it.
    pub fn set_ran_there(&self) {
        self.ran_there.store(true, Ordering::SeqCst);
    }

    /// Returns whether the destination of a post-copy has said that it runs the guest. What the source has of the memory is
    /// old then: the guest must never be run there again.
    pub fn ran_there(&self) -> bool {
        self.ran_there.load(Ordering::SeqCst)
    }

    /// Keeps what a post-copy that is over has cost.
    pub fn set_postcopy(&self, figures: Figures) {
        *self.postcopy.lock().unwrap_or_else(PoisonError::into_inner) = Some(figures);
    }

    /// Returns what a post-copy that is over has cost this destination; `None` if there was none.
    pub fn postcopy(&self) -> Option<Figures> {
        self.postcopy.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says which attempt it is.
    pub fn set_token(&self, token: Token) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    }

    /// Returns the token of the attempt; `None` on a destination that has not heard its source yet.
    pub fn token(&self) -> Option<Token> {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads all counters.
    pub fn snapshot(&self) -> Snapshot {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Snapshot {
            transferred_bytes: load(&self.transferred_bytes),
            multifd_bytes: load(&self.multifd_bytes),
            taken_bytes: load(&self.taken_bytes),
            pages_normal: load(&self.pages_normal),
            pages_zero: load(&self.pages_zero),
            rounds: load(&self.rounds),
            remaining_bytes: load(&self.remaining_bytes),
            rate: load(&self.rate),
            dirty_rate_pages: load(&self.dirty_rate_pages),
            throttle_percent: self.throttle_percent.load(Ordering::Relaxed),
            expected_downtime: known(load(&self.expected_downtime_us)),
            downtime: known(load(&self.downtime_us)),
        }
    }

    /// Counts a round that begins.
    pub fn begin_round(&self) -> u64 {
        self.rounds.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Counts bytes that were sent, or have arrived.
    pub fn add_transferred(&self, bytes: u64) {
        self.transferred_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts bytes that were sent over connections for pages, beside [`add_transferred`](Progress::add_transferred).
    pub fn add_multifd(&self, bytes: u64) {
        self.multifd_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Says how many bytes the peer has read.
    pub fn set_taken(&self, bytes: u64) {
        self.taken_bytes.store(bytes, Ordering::Relaxed);
    }

    /// Counts pages that were sent, with their contents or as zeroes.
    pub fn add_pages(&self, normal: u64, zero: u64) {
        self.pages_normal.fetch_add(normal, Ordering::Relaxed);
        self.pages_zero.fetch_add(zero, Ordering::Relaxed);
    }

    /// Says what is left, in bytes.
    pub fn set_remaining(&self, bytes: u64) {
        self.remaining_bytes.store(bytes, Ordering::Relaxed);
    }

    /// Says by how many per cent auto-converge slows the guest down; 0 if it does not.
    pub fn set_throttle_percent(&self, percent: u8) {
        self.throttle_percent.store(percent, Ordering::Relaxed);
    }

    /// Says how fast bytes go, measured over `elapsed`; nothing is learnt from no time.
    pub fn measure_rate(&self, bytes: u64, elapsed: Duration) {
        if let Some(rate) = per_second(bytes, elapsed) {
            self.rate.store(rate, Ordering::Relaxed);
        }
    }

    /// Says how many pages the guest wrote within `elapsed`.
    pub fn measure_dirty(&self, pages: u64, elapsed: Duration) {
        if let Some(rate) = per_second(pages, elapsed) {
            self.dirty_rate_pages.store(rate, Ordering::Relaxed);
        }
    }

    /// Says how long the guest would stand still if it were stopped now.
    pub fn set_expected_downtime(&self, expected: Option<Duration>) {
        self.expected_downtime_us.store(stored(expected), Ordering::Relaxed);
    }

    /// Says how long the guest stood still.
    pub fn set_downtime(&self, downtime: Duration) {
        self.downtime_us.store(stored(Some(downtime)), Ordering::Relaxed);
    }
}

impl Snapshot {
    /// How fast the guest writes its memory, in bytes a second.
    pub fn dirty_rate(&self) -> u64 {
        self.dirty_rate_pages.saturating_mul(PAGE_BYTES)
    }
}

fn per_second(count: u64, elapsed: Duration) -> Option<u64> {
    let rate = (u128::from(count) * 1_000_000_000).checked_div(elapsed.as_nanos())?;
    Some(u64::try_from(rate).unwrap_or(u64::MAX))
}

/// Microseconds, one more than there were, so that none at all differs from unknown.
fn stored(duration: Option<Duration>) -> u64 {
    duration.map_or(UNKNOWN, |duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).saturating_add(1))
}

fn known(stored: u64) -> Option<Duration> {
    stored.checked_sub(1).map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_has_what_was_counted() {
        let progress = Progress::new();
        assert_eq!(progress.snapshot(), Snapshot::default());
        assert_eq!((progress.begin_round(), progress.begin_round()), (1, 2));
        progress.add_pages(3, 4);
        progress.measure_rate(1000, Duration::from_millis(500));
        progress.measure_rate(1000, Duration::ZERO);
        progress.measure_dirty(10, Duration::from_secs(1));
        progress.set_expected_downtime(Some(Duration::ZERO));
        progress.set_downtime(Duration::from_millis(7));
        let snapshot = progress.snapshot();
        assert_eq!((snapshot.pages_normal, snapshot.pages_zero), (3, 4));
        assert_eq!((snapshot.rate, snapshot.dirty_rate()), (2000, 40960));
        assert_eq!(snapshot.expected_downtime, Some(Duration::ZERO));
        assert_eq!(snapshot.downtime, Some(Duration::from_millis(7)));
        progress.set_expected_downtime(None);
        assert_eq!(progress.snapshot().expected_downtime, None);
    }
}
