//! What a post-copy has cost so far.

use std::collections::BTreeMap;
use std::time::Duration;

/// The number of buckets of [`Figures::latency`].
pub const LATENCY_BUCKETS: usize = 24;

/// The figures of the destination of a post-copy.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Figures {
    /// Pages that were asked for.
    pub requests: u64,
    /// Pages that came because they were asked for.
    pub pulled_pages: u64,
    /// Pages that came without.
    pub pushed_pages: u64,
    /// Of both, those that hold only zeroes.
    pub zero_pages: u64,
    /// Pages that came twice, because an answer and a push crossed. They count once above.
    pub crossed_pages: u64,
    /// How many waits for a page took how long: bucket `i` counts those of 2^i to 2^(i+1) microseconds, the first also
    /// shorter ones, the last also longer ones.
    pub latency: [u64; LATENCY_BUCKETS],
    /// How long each thread waited for pages in all, by its thread id.
    pub blocked: BTreeMap<u32, Duration>,
}

impl Figures {
    /// Counts a thread that waited for a page.
    pub(crate) fn waited(&mut self, thread: u32, waited: Duration) {
        let bucket = waited.as_micros().max(1).ilog2() as usize;
        self.latency[bucket.min(LATENCY_BUCKETS - 1)] += 1;
        *self.blocked.entry(thread).or_default() += waited;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_counted_by_their_length_and_by_thread() {
        let mut figures = Figures::default();
        for (thread, us) in [(7, 0), (7, 1), (8, 150), (8, 255), (8, 256), (7, 1 << 60)] {
            figures.waited(thread, Duration::from_micros(us));
        }
        let counted: Vec<_> = figures.latency.iter().enumerate().filter(|(_, count)| **count > 0).collect();
        assert_eq!(counted, [(0, &2), (7, &2), (8, &1), (LATENCY_BUCKETS - 1, &1)]);
        assert_eq!(figures.blocked[&8], Duration::from_micros(150 + 255 + 256));
    }
}
