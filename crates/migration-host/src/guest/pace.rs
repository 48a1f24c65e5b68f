//! How fast the guest may write: a limit makes it leave some of the machine, and of the bandwidth, to its migration.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

/// A guest may write this many pages a second unless the user wants something else: 80 MiB/s to send again.
pub const PAGES_PER_SECOND: u32 = 20_000;

/// The greatest pace that can be asked for, in pages a second.
pub const PAGES_PER_SECOND_MAX: u32 = 1_000_000;

/// A guest without hot pages counts this often.
const IDLE_TURN: Duration = Duration::from_millis(1);

/// A guest that is late by more than this, because it was slow or stopped, does not make up for it.
const LATE_MAX: Duration = Duration::from_millis(10);

/// How fast a guest may write, which can change at any time.
#[derive(Debug)]
pub struct Speed {
    pages_per_second: u32,
    throttle_percent: AtomicU8,
}

impl Speed {
    /// The speed of a guest that is not throttled.
    pub fn new(pages_per_second: u32) -> Speed {
        let pages_per_second = pages_per_second.clamp(1, PAGES_PER_SECOND_MAX);
        Speed { pages_per_second, throttle_percent: AtomicU8::new(0) }
    }

    /// Takes this part of its time from the guest, in per cent, at most 99.
    pub fn throttle(&self, percent: u8) {
        self.throttle_percent.store(percent.min(99), Ordering::Relaxed);
    }

    fn pages_per_second(&self) -> f64 {
        let left = 100 - self.throttle_percent.load(Ordering::Relaxed);
        f64::from(self.pages_per_second) * f64::from(left) / 100.0
    }
}

/// Tells when the guest may go on, at each of its turns.
#[derive(Debug)]
pub struct Pace {
    speed: Arc<Speed>,
    writes: u64,
    due: Instant,
}

impl Pace {
    /// A pace for a guest that has made `writes` writes and goes on `now`.
    pub fn new(speed: Arc<Speed>, writes: u64, now: Instant) -> Pace {
        Pace { speed, writes, due: now }
    }

    /// When a guest that has by now made `writes` writes may go on.
    pub fn turn(&mut self, writes: u64, now: Instant) -> Instant {
        let pages = writes.saturating_sub(self.writes);
        let cost = match pages {
            0 => IDLE_TURN,
            pages => Duration::from_secs(1).mul_f64(pages as f64 / self.speed.pages_per_second()),
        };
        let late_most = now.checked_sub(LATE_MAX).unwrap_or(now);
        self.writes = writes;
        self.due = self.due.max(late_most) + cost;
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_rate_and_forgives_a_stall() {
        let start = Instant::now();
        let speed = Arc::new(Speed::new(1000));
        let mut pace = Pace::new(Arc::clone(&speed), 5, start);
        assert_eq!(pace.turn(69, start) - start, Duration::from_millis(64));
        assert_eq!(pace.turn(69, start) - start, Duration::from_millis(65), "an idle turn");
        assert_eq!(pace.turn(133, start) - start, Duration::from_millis(129));
        speed.throttle(75);
        assert_eq!(pace.turn(134, start) - start, Duration::from_millis(133), "a quarter of the speed");
        speed.throttle(0);
        let later = start + Duration::from_secs(9);
        assert_eq!(pace.turn(135, later), later - LATE_MAX + Duration::from_millis(1));
    }
}
