//! The times of the source's attempt: when it began, when memory began to move, and when it was over.

use std::time::{Duration, Instant};

use migration_runtime::states::source::State;
use migration_runtime::states::{Kind, Status};

use crate::figures::milliseconds;

/// The times of the present or the last attempt.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    began: Option<Instant>,
    active: Option<Instant>,
    ended: Option<Instant>,
}

impl Clock {
    /// The source went from one state to another, now.
    pub(super) fn step(&mut self, from: State, to: State) {
        let now = Instant::now();
        if from.kind() == Kind::Idle {
            *self = Self { began: Some(now), active: None, ended: None };
        }
        if to.shows() == Status::Active {
            self.active.get_or_insert(now);
        }
        if to.kind() == Kind::Idle {
            self.ended = Some(now);
        }
    }

    /// From the beginning to the end or to now, in milliseconds.
    pub(super) fn total_ms(&self) -> u64 {
        self.began.map_or(0, |began| milliseconds(self.until(began)))
    }

    /// From the beginning until memory began to move, in milliseconds.
    pub(super) fn setup_ms(&self) -> Option<u64> {
        let (began, active) = (self.began?, self.active?);
        Some(milliseconds(active.duration_since(began)))
    }

    /// Bytes a second over a whole attempt that is over, of which `bytes` were sent.
    pub(super) fn rate(&self, bytes: u64) -> Option<u64> {
        let (active, _over) = (self.active?, self.ended?);
        let nanos = self.until(active).as_nanos();
        let rate = (u128::from(bytes) * 1_000_000_000).checked_div(nanos)?;
        Some(u64::try_from(rate).unwrap_or(u64::MAX))
    }

    fn until(&self, start: Instant) -> Duration {
        self.ended.unwrap_or_else(Instant::now).duration_since(start)
    }
}
