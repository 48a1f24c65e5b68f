//! Auto-converge: how much a guest is slowed down that writes faster than the connection carries. The rule and its
//! parameters are QEMU's (`migration/ram.c`, `migration_trigger_throttle`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::parameters::Parameters;

/// What was written and what was sent are compared over at least this time.
const PERIOD: Duration = Duration::from_secs(1);

/// So many periods in which the guest wrote too much slow it down further.
const PERIODS: u32 = 2;

/// Decides how much the guest is slowed down.
#[derive(Debug)]
pub(crate) struct Throttle {
    parameters: Arc<Parameters>,
    percent: u8,
    since: Instant,
    sent_before: u64,
    dirty_bytes: u64,
    high: u32,
    first_round: bool,
}

impl Throttle {
    pub(crate) fn new(parameters: Arc<Parameters>) -> Throttle {
        let since = Instant::now();
        Throttle { parameters, percent: 0, since, sent_before: 0, dirty_bytes: 0, high: 0, first_round: true }
    }

    /// Returns by how many per cent the guest is slowed down.
    pub(crate) fn percent(&self) -> u8 {
        self.percent
    }

    /// Forgets that the guest is slowed down.
    pub(crate) fn reset(&mut self) {
        self.percent = 0;
    }

    /// Learns that the guest has written so many bytes more.
    pub(crate) fn count_dirty(&mut self, bytes: u64) {
        self.dirty_bytes += bytes;
    }

    /// Decides after a round, once so many bytes were sent in all. Returns a new percentage if there is one.
    pub(crate) fn after_round(&mut self, sent_bytes: u64) -> Option<u8> {
        self.after(self.since.elapsed(), sent_bytes)
    }

    fn after(&mut self, elapsed: Duration, sent_bytes: u64) -> Option<u8> {
        if std::mem::take(&mut self.first_round) {
            // All of memory was sent: what the guest wrote meanwhile says nothing yet.
            self.begin_period(sent_bytes);
            return None;
        }
        if elapsed < PERIOD {
            return None;
        }
        let sent = sent_bytes - self.sent_before;
        let threshold = u128::from(self.parameters.throttle_trigger_threshold());
        let too_much = u128::from(self.dirty_bytes) * 100 > u128::from(sent) * threshold;
        self.begin_period(sent_bytes);
        if !self.parameters.auto_converge() || !too_much {
            return None;
        }
        self.high += 1;
        if self.high < PERIODS {
            return None;
        }
        self.high = 0;
        let percent = match self.percent {
            0 => self.parameters.cpu_throttle_initial(),
            percent => percent.saturating_add(self.parameters.cpu_throttle_increment()),
        };
        let percent = percent.min(self.parameters.max_cpu_throttle());
        (percent != std::mem::replace(&mut self.percent, percent)).then_some(percent)
    }

    fn begin_period(&mut self, sent_bytes: u64) {
        (self.since, self.sent_before, self.dirty_bytes) = (Instant::now(), sent_bytes, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Periods of a second, in each of which the guest writes and sends so many bytes.
    fn run(parameters: Parameters, dirty: u64, sent: u64, periods: u64) -> Vec<Option<u8>> {
        let mut throttle = Throttle::new(Arc::new(parameters));
        throttle.count_dirty(1 << 40);
        (0..=periods)
            .map(|period| {
                let decided = throttle.after(PERIOD, period * sent);
                throttle.count_dirty(dirty);
                decided
            })
            .collect()
    }

    #[test]
    fn every_second_period_of_too_many_writes_slows_the_guest_down_further() {
        let parameters = Parameters::default();
        parameters.set_auto_converge(true);
        let decided: Vec<u8> = run(parameters, 60, 100, 24).into_iter().flatten().collect();
        assert_eq!(decided, [20, 30, 40, 50, 60, 70, 80, 90, 99], "as QEMU does by default");
        let parameters = Parameters::default();
        parameters.set_auto_converge(true);
        assert_eq!(run(parameters, 60, 100, 4), [None, None, Some(20), None, Some(30)]);
    }

    #[test]
    fn a_guest_that_writes_little_or_whose_user_does_not_want_it_is_left_alone() {
        let parameters = Parameters::default();
        parameters.set_auto_converge(true);
        assert_eq!(run(parameters, 50, 100, 9), vec![None; 10]);
        assert_eq!(run(Parameters::default(), 1000, 100, 9), vec![None; 10]);
    }
}
