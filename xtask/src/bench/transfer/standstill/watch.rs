//! Watches how far a guest has counted, on both sides at once.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often is looked.
const PAUSE: Duration = Duration::from_micros(500);

/// Two threads that look, one at each side.
pub(super) struct Watch {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    over: AtomicBool,
    /// The highest count, and the lowest that was seen.
    highest: AtomicU64,
    lowest: AtomicU64,
    /// When a higher count than any before was seen.
    rises: Mutex<Vec<Instant>>,
}

/// When the guest counted.
pub(super) struct Rises(Vec<Instant>);

impl Watch {
    /// Looks by `here` and `there`, which say how far the guest has counted on a side, if that can be told.
    pub(super) fn start(
        here: impl FnMut() -> Option<u64> + Send + 'static,
        there: impl FnMut() -> Option<u64> + Send + 'static,
    ) -> Watch {
        let shared = Arc::new(Shared { lowest: AtomicU64::new(u64::MAX), ..Shared::default() });
        let threads = vec![look(&shared, here), look(&shared, there)];
        Watch { shared, threads }
    }

    /// How far the guest has counted while it was watched; `None` if it has not.
    pub(super) fn counted(&self) -> Option<u64> {
        let (lowest, highest) = (self.shared.lowest.load(Ordering::SeqCst), self.shared.highest.load(Ordering::SeqCst));
        highest.checked_sub(lowest).filter(|&counted| counted > 0)
    }

    /// Looks no longer.
    pub(super) fn end(self) -> Rises {
        self.shared.over.store(true, Ordering::SeqCst);
        for thread in self.threads {
            // A thread that panicked has said so, and what it saw counts.
            let _ = thread.join();
        }
        let rises = std::mem::take(&mut *self.shared.rises.lock().unwrap_or_else(PoisonError::into_inner));
        Rises(rises)
    }
}

impl Rises {
    /// The longest time between `began` and `ended` in which the guest did not count.
    pub(super) fn longest_gap(&self, began: Instant, ended: Instant) -> Duration {
        let between = self.0.iter().copied().filter(|at| (began..ended).contains(at));
        let marks: Vec<Instant> = [began].into_iter().chain(between).chain([ended]).collect();
        marks.windows(2).map(|pair| pair[1].duration_since(pair[0])).max().unwrap_or_default()
    }
}

fn look(shared: &Arc<Shared>, mut count: impl FnMut() -> Option<u64> + Send + 'static) -> JoinHandle<()> {
    let shared = Arc::clone(shared);
    thread::spawn(move || {
        while !shared.over.load(Ordering::SeqCst) {
            if let Some(count) = count().filter(|&count| count > 0) {
                shared.lowest.fetch_min(count, Ordering::SeqCst);
                if shared.highest.fetch_max(count, Ordering::SeqCst) < count {
                    shared.rises.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
                }
            }
            thread::sleep(PAUSE);
        }
    })
}
