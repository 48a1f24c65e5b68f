//! Keeps the rate below the bound that the user set: pure arithmetic over a clock that the caller reads.

use std::time::Duration;

/// How long an unused rate is remembered, as a fraction of a second.
const BURST_PER_SECOND: u64 = 20;

const NANOS: u128 = 1_000_000_000;

/// A token bucket that may be overdrawn once: what was sent is paid for before more is sent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bucket {
    owed: u64,
    credit: u64,
    settled: Duration,
}

impl Bucket {
    /// Counts bytes that were sent.
    pub(super) fn spend(&mut self, bytes: u64) {
        let from_credit = bytes.min(self.credit);
        self.credit -= from_credit;
        self.owed = self.owed.saturating_add(bytes - from_credit);
    }

    /// How long to wait before more may be sent, at `rate` bytes a second (0: no bound), `now` after some fixed moment.
    pub(super) fn wait(&mut self, now: Duration, rate: u64) -> Duration {
        if rate == 0 {
            *self = Bucket { settled: now, ..Bucket::default() };
            return Duration::ZERO;
        }
        let elapsed = now.saturating_sub(self.settled).as_nanos();
        let earned = u64::try_from(elapsed * u128::from(rate) / NANOS).unwrap_or(u64::MAX);
        // A moment too short to earn a byte is kept for the next time.
        if earned > 0 {
            self.settled = now;
            let paid = earned.min(self.owed);
            self.owed -= paid;
            self.credit = self.credit.saturating_add(earned - paid);
        }
        self.credit = self.credit.min(rate / BURST_PER_SECOND);
        let nanos = (u128::from(self.owed) * NANOS).div_ceil(rate.into());
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// The most bytes to send at once at this rate, at most `bytes_max`: small pieces make a smooth flow.
    pub(super) fn piece(rate: u64, bytes_max: u64) -> u64 {
        if rate == 0 { bytes_max } else { (rate / BURST_PER_SECOND).min(bytes_max) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_bound_means_no_wait_and_no_debt() {
        let mut bucket = Bucket::default();
        bucket.spend(u64::MAX);
        assert_eq!(bucket.wait(Duration::ZERO, 1000), Duration::from_nanos(u64::MAX));
        assert_eq!(bucket.wait(Duration::ZERO, 0), Duration::ZERO);
        assert_eq!(bucket.wait(Duration::ZERO, 1000), Duration::ZERO);
    }

    #[test]
    fn a_new_bound_acts_on_what_is_owed() {
        let mut bucket = Bucket::default();
        bucket.spend(1000);
        assert_eq!(bucket.wait(Duration::ZERO, 100), Duration::from_secs(10));
        assert_eq!(bucket.wait(Duration::ZERO, 1000), Duration::from_secs(1));
    }

    proptest! {
        #[test]
        fn the_bound_holds_over_any_time(
            rate in 1..1u64 << 32,
            pieces in prop::collection::vec((1..1u64 << 21, 0..200_000_000u64), 1..60),
        ) {
            let (mut bucket, mut now, mut sent) = (Bucket::default(), Duration::ZERO, 0);
            for (bytes, idle) in pieces {
                now += Duration::from_nanos(idle);
                now += bucket.wait(now, rate);
                // All but the last piece is paid for.
                let allowed = now.as_secs_f64() * rate as f64 + 1.0;
                prop_assert!(sent as f64 <= allowed * 1.0001, "{sent} bytes at {now:?}");
                bucket.spend(bytes);
                sent += bytes;
            }
        }

        #[test]
        fn a_busy_sender_uses_all_of_its_bound(rate in 1000..1u64 << 32, bytes in 1..1u64 << 20) {
            let (mut bucket, mut now) = (Bucket::default(), Duration::ZERO);
            for _ in 0..100 {
                now += bucket.wait(now, rate);
                bucket.spend(bytes);
            }
            let ideal = 99.0 * bytes as f64 / rate as f64;
            prop_assert!(now.as_secs_f64() <= ideal * 1.01 + 0.001, "{now:?} instead of {ideal}");
        }
    }
}
