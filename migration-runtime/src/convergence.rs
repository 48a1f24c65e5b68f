//! When to stop the guest: pure arithmetic over what was measured.

use std::time::Duration;

/// What is known at the end of a round.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Measured {
    /// What has yet to be sent, in bytes.
    pub remaining_bytes: u64,
    /// How fast the last bytes went, in bytes a second; 0 when nothing was measured yet.
    pub rate: u64,
    /// How long a word to the destination and its answer take.
    pub round_trip: Duration,
}

/// What to do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Convergence {
    /// What is left can be sent within the downtime limit: stop the guest.
    SwitchOver,
    /// Too much is left: send another round while the guest runs.
    AnotherRound,
}

impl Measured {
    /// How long the guest would stand still: the bytes that are left over the rate, and the round trips of the hand-over.
    ///
    /// As QEMU has it, the time that device state takes to be saved and loaded is not in it. Without a measured rate it is
    /// unknown, unless nothing is left.
    pub fn expected_downtime(&self) -> Option<Duration> {
        self.sending().map(|sending| sending.saturating_add(self.round_trips()))
    }

    /// Decides whether the guest can be stopped now.
    ///
    /// No round makes the round trips shorter. Where they take more than half of the limit, the other half is left for
    /// sending: otherwise no migration over a long distance would ever end.
    pub fn decide(&self, downtime_limit: Duration) -> Convergence {
        let for_sending = downtime_limit.saturating_sub(self.round_trips()).max(downtime_limit / 2);
        match self.sending() {
            Some(sending) if sending <= for_sending => Convergence::SwitchOver,
            Some(_) | None => Convergence::AnotherRound,
        }
    }

    fn sending(&self) -> Option<Duration> {
        if self.remaining_bytes == 0 {
            return Some(Duration::ZERO);
        }
        let micros = u128::from(self.remaining_bytes) * 1_000_000;
        let micros = micros.checked_div(self.rate.into())?;
        Some(Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)))
    }

    /// The guest stands still until the destination has said `ready` and, after the hand-over, `running`.
    fn round_trips(&self) -> Duration {
        self.round_trip.saturating_mul(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_met_exactly() {
        let limit = Duration::from_millis(300);
        for (remaining_bytes, rate, decided) in [
            (0, 0, Convergence::SwitchOver),
            (1, 0, Convergence::AnotherRound),
            (300, 1000, Convergence::SwitchOver),
            (301, 1000, Convergence::AnotherRound),
            (u64::MAX, 1, Convergence::AnotherRound),
            (u64::MAX, u64::MAX, Convergence::AnotherRound),
            (4096, u64::MAX, Convergence::SwitchOver),
        ] {
            let measured = Measured { remaining_bytes, rate, round_trip: Duration::ZERO };
            assert_eq!(measured.decide(limit), decided, "{measured:?}");
        }
    }

    #[test]
    fn no_downtime_at_all_needs_nothing_left() {
        let decide = |remaining_bytes| {
            Measured { remaining_bytes, rate: 1 << 30, round_trip: Duration::ZERO }.decide(Duration::ZERO)
        };
        assert_eq!(decide(0), Convergence::SwitchOver);
        assert_eq!(decide(4096), Convergence::AnotherRound);
    }

    #[test]
    fn round_trips_count_and_do_not_keep_a_migration_from_ending() {
        let limit = Duration::from_millis(300);
        let measured =
            |remaining_bytes, trip| Measured { remaining_bytes, rate: 1000, round_trip: Duration::from_millis(trip) };
        assert_eq!(measured(10, 100).expected_downtime(), Some(Duration::from_millis(210)));
        assert_eq!(measured(0, 100).expected_downtime(), Some(Duration::from_millis(200)));
        for (bytes, trip, decided) in [
            (250, 25, Convergence::SwitchOver),
            (251, 25, Convergence::AnotherRound),
            (150, 100, Convergence::SwitchOver),
            (151, 100, Convergence::AnotherRound),
            (150, 1000, Convergence::SwitchOver),
        ] {
            assert_eq!(measured(bytes, trip).decide(limit), decided, "{bytes} bytes, {trip} ms");
        }
    }
}
