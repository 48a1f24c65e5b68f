//! When to stop the guest: pure arithmetic over what was measured.

use std::time::Duration;

/// What is known at the end of a round.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Measured {
    /// What has yet to be sent, in bytes.
    pub remaining_bytes: u64,
    /// How fast the last bytes went, in bytes a second; 0 when nothing was measured yet.
    pub rate: u64,
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
    /// How long it would take to send what is left: the bytes over the rate.
    ///
    /// As QEMU has it, the time that device state and hand-over take is not in it. Without a measured rate it is
    /// unknown, unless nothing is left.
    pub fn expected_downtime(&self) -> Option<Duration> {
        if self.remaining_bytes == 0 {
            return Some(Duration::ZERO);
        }
        let micros = u128::from(self.remaining_bytes) * 1_000_000;
        let micros = micros.checked_div(self.rate.into())?;
        Some(Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)))
    }

    /// Decides whether the guest can be stopped now.
    pub fn decide(&self, downtime_limit: Duration) -> Convergence {
        match self.expected_downtime() {
            Some(expected) if expected <= downtime_limit => Convergence::SwitchOver,
            Some(_) | None => Convergence::AnotherRound,
        }
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
            let measured = Measured { remaining_bytes, rate };
            assert_eq!(measured.decide(limit), decided, "{measured:?}");
        }
    }

    #[test]
    fn no_downtime_at_all_needs_nothing_left() {
        let decide = |remaining_bytes| Measured { remaining_bytes, rate: 1 << 30 }.decide(Duration::ZERO);
        assert_eq!(decide(0), Convergence::SwitchOver);
        assert_eq!(decide(4096), Convergence::AnotherRound);
    }
}
