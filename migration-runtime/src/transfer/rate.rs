//! How fast bytes arrive.

use std::time::{Duration, Instant};

use crate::progress::Progress;

/// The rate is measured over at least this time.
const WINDOW: Duration = Duration::from_millis(200);

/// Measures how fast the bytes of an attempt come.
#[derive(Debug)]
pub(super) struct Rate {
    since: Instant,
    bytes: u64,
}

impl Rate {
    pub(super) fn new() -> Rate {
        Rate { since: Instant::now(), bytes: 0 }
    }

    /// Tells the rate once enough time has passed.
    pub(super) fn measure(&mut self, progress: &Progress) {
        let elapsed = self.since.elapsed();
        if elapsed >= WINDOW {
            let bytes = progress.snapshot().transferred_bytes;
            progress.measure_rate(bytes.saturating_sub(self.bytes), elapsed);
            (self.since, self.bytes) = (Instant::now(), bytes);
        }
    }
}
