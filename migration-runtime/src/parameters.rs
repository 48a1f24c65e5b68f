//! What a user may tune, before a migration and during it: a change acts at once.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

/// The default bound of the rate, in bytes a second: QEMU's since 5.2.
pub const MAX_BANDWIDTH_DEFAULT: u64 = 128 << 20;

/// The default of the longest time that the guest may stand still, in milliseconds: QEMU's.
pub const DOWNTIME_LIMIT_MS_DEFAULT: u64 = 300;

/// The largest downtime limit, in milliseconds: QEMU's `MAX_MIGRATE_DOWNTIME`.
pub const DOWNTIME_LIMIT_MS_MAX: u64 = 2_000_000;

/// Parameters that the work and the user's commands share.
#[derive(Debug)]
pub struct Parameters {
    max_bandwidth: AtomicU64,
    downtime_limit_ms: AtomicU64,
    attempt_limit_ms: AtomicU64,
    on_limit: AtomicU8,
    auto_converge: AtomicBool,
    cpu_throttle_initial: AtomicU8,
    cpu_throttle_increment: AtomicU8,
    max_cpu_throttle: AtomicU8,
    throttle_trigger_threshold: AtomicU8,
}

/// What is to happen when an attempt reaches its limit.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OnLimit {
    /// The attempt is cancelled.
    #[default]
    Cancel,
    /// The guest is stopped, however long it then stands still.
    SwitchOver,
    /// A post-copy is started. Where none can be, the attempt is cancelled.
    Postcopy,
}

/// A share of something, in per cent, from 1 to a largest value.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{name}` is from 1 to {max} per cent, not {given}")]
pub struct PercentError {
    name: &'static str,
    max: u8,
    given: u64,
}

/// Why a value was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the downtime limit is from 0 to {DOWNTIME_LIMIT_MS_MAX} ms, not {given_ms}")]
pub struct DowntimeLimitError {
    given_ms: u64,
}

impl Parameters {
    /// The bound of the rate in bytes a second; 0 is no bound. The final round, with the guest stopped, has none.
    pub fn max_bandwidth(&self) -> u64 {
        self.max_bandwidth.load(Ordering::Relaxed)
    }

    /// Bounds the rate, in bytes a second; 0 is no bound.
    pub fn set_max_bandwidth(&self, bytes_per_second: u64) {
        self.max_bandwidth.store(bytes_per_second, Ordering::Relaxed);
    }

    /// The longest time that the guest may stand still.
    pub fn downtime_limit(&self) -> Duration {
        Duration::from_millis(self.downtime_limit_ms())
    }

    /// The longest time that the guest may stand still, in milliseconds.
    pub fn downtime_limit_ms(&self) -> u64 {
        self.downtime_limit_ms.load(Ordering::Relaxed)
    }

    /// Sets the longest time that the guest may stand still, in milliseconds.
    ///
    /// # Errors
    /// When it is above [`DOWNTIME_LIMIT_MS_MAX`].
    pub fn set_downtime_limit_ms(&self, given_ms: u64) -> Result<(), DowntimeLimitError> {
        if given_ms > DOWNTIME_LIMIT_MS_MAX {
            return Err(DowntimeLimitError { given_ms });
        }
        self.downtime_limit_ms.store(given_ms, Ordering::Relaxed);
        Ok(())
    }

    /// How long an attempt may take from its beginning until the guest is stopped; `None` is no limit. The limit is looked
    /// at while memory is sent and the guest runs (state `active`); other states are bounded by their timeouts.
    pub fn attempt_limit(&self) -> Option<Duration> {
        match self.attempt_limit_ms.load(Ordering::Relaxed) {
            0 => None,
            limit_ms => Some(Duration::from_millis(limit_ms)),
        }
    }

    /// Limits how long an attempt may take, in milliseconds; 0 is no limit.
    pub fn set_attempt_limit_ms(&self, limit_ms: u64) {
        self.attempt_limit_ms.store(limit_ms, Ordering::Relaxed);
    }

    /// What happens at the limit of an attempt.
    pub fn on_limit(&self) -> OnLimit {
        let stored = self.on_limit.load(Ordering::Relaxed);
        let known = [OnLimit::Cancel, OnLimit::SwitchOver, OnLimit::Postcopy];
        known.into_iter().find(|one| *one as u8 == stored).unwrap_or_default()
    }

    /// Sets what happens at the limit of an attempt.
    pub fn set_on_limit(&self, on_limit: OnLimit) {
        self.on_limit.store(on_limit as u8, Ordering::Relaxed);
    }

    /// Whether a guest that writes too fast is slowed down.
    pub fn auto_converge(&self) -> bool {
        self.auto_converge.load(Ordering::Relaxed)
    }

    /// Sets whether a guest that writes too fast is slowed down.
    pub fn set_auto_converge(&self, on: bool) {
        self.auto_converge.store(on, Ordering::Relaxed);
    }

    /// By how much a guest is slowed down at first, in per cent.
    pub fn cpu_throttle_initial(&self) -> u8 {
        self.cpu_throttle_initial.load(Ordering::Relaxed)
    }

    /// Sets by how much a guest is slowed down at first.
    ///
    /// # Errors
    /// When it is not from 1 to 99.
    pub fn set_cpu_throttle_initial(&self, percent: u64) -> Result<(), PercentError> {
        set_percent(&self.cpu_throttle_initial, "cpu-throttle-initial", percent, 99)
    }

    /// By how much more a guest is slowed down each time, in per cent.
    pub fn cpu_throttle_increment(&self) -> u8 {
        self.cpu_throttle_increment.load(Ordering::Relaxed)
    }

    /// Sets by how much more a guest is slowed down each time.
    ///
    /// # Errors
    /// When it is not from 1 to 99.
    pub fn set_cpu_throttle_increment(&self, percent: u64) -> Result<(), PercentError> {
        set_percent(&self.cpu_throttle_increment, "cpu-throttle-increment", percent, 99)
    }

    /// By how much a guest is slowed down at most, in per cent.
    pub fn max_cpu_throttle(&self) -> u8 {
        self.max_cpu_throttle.load(Ordering::Relaxed)
    }

    /// Sets by how much a guest is slowed down at most.
    ///
    /// # Errors
    /// When it is not from 1 to 99.
    pub fn set_max_cpu_throttle(&self, percent: u64) -> Result<(), PercentError> {
        set_percent(&self.max_cpu_throttle, "max-cpu-throttle", percent, 99)
    }

    /// A guest that writes more than this share of what is sent meanwhile is slowed down, in per cent.
    pub fn throttle_trigger_threshold(&self) -> u8 {
        self.throttle_trigger_threshold.load(Ordering::Relaxed)
    }

    /// Sets which share of what is sent a guest may write without being slowed down.
    ///
    /// # Errors
    /// When it is not from 1 to 100.
    pub fn set_throttle_trigger_threshold(&self, percent: u64) -> Result<(), PercentError> {
        set_percent(&self.throttle_trigger_threshold, "throttle-trigger-threshold", percent, 100)
    }
}

fn set_percent(parameter: &AtomicU8, name: &'static str, given: u64, max: u8) -> Result<(), PercentError> {
    let percent = u8::try_from(given).ok().filter(|percent| (1..=max).contains(percent));
    parameter.store(percent.ok_or(PercentError { name, max, given })?, Ordering::Relaxed);
    Ok(())
}

impl Default for Parameters {
    fn default() -> Parameters {
        Parameters {
            max_bandwidth: MAX_BANDWIDTH_DEFAULT.into(),
            downtime_limit_ms: DOWNTIME_LIMIT_MS_DEFAULT.into(),
            attempt_limit_ms: 0.into(),
            on_limit: (OnLimit::Cancel as u8).into(),
            auto_converge: false.into(),
            // QEMU's.
            cpu_throttle_initial: 20.into(),
            cpu_throttle_increment: 10.into(),
            max_cpu_throttle: 99.into(),
            throttle_trigger_threshold: 50.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_and_bounds_are_those_of_qemu() {
        let parameters = Parameters::default();
        assert_eq!(parameters.max_bandwidth(), 134_217_728);
        assert_eq!(parameters.downtime_limit(), Duration::from_millis(300));
        let error = parameters.set_downtime_limit_ms(2_000_001).unwrap_err();
        assert_eq!(error.to_string(), "the downtime limit is from 0 to 2000000 ms, not 2000001");
        parameters.set_downtime_limit_ms(0).unwrap();
        assert_eq!(parameters.downtime_limit_ms(), 0);
        let error = parameters.set_max_cpu_throttle(100).unwrap_err();
        assert_eq!(error.to_string(), "`max-cpu-throttle` is from 1 to 99 per cent, not 100");
        assert!(parameters.set_cpu_throttle_initial(0).is_err());
        parameters.set_throttle_trigger_threshold(100).unwrap();
        assert_eq!((parameters.max_cpu_throttle(), parameters.throttle_trigger_threshold()), (99, 100));
    }
}
