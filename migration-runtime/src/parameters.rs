//! What a user may tune, before a migration and during it: a change acts at once.

use std::sync::atomic::{AtomicU64, Ordering};
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
}

impl Default for Parameters {
    fn default() -> Parameters {
        Parameters { max_bandwidth: MAX_BANDWIDTH_DEFAULT.into(), downtime_limit_ms: DOWNTIME_LIMIT_MS_DEFAULT.into() }
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
    }
}
