//! How fast bytes arrive.

use std::time::{Duration, Instant};

use crate::progress::Progress;

/// The rate is measured over at least this time.
const WINDOW: Duration = Duration::from_millis(200);

/// Measures how fast a count grows.
#[derive(Debug)]
pub(super) struct Rate {
    since: Instant,
    bytes: u64,
}

impl Rate {
    pub(super) fn new() -> Rate {
        Rate { since: Instant::now(), bytes: 0 }
    }

    /// Notes the count, and tells the rate once enough time has passed.
    pub(super) fn measure(&mut self, bytes: u64, progress: &Progress) {
        let elapsed = self.since.elapsed();
        if elapsed >= WINDOW {
            progress.measure_rate(bytes - self.bytes, elapsed);
            (self.since, self.bytes) = (Instant::now(), bytes);
        }
    }
}
