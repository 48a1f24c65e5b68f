//! What a test opens to let something go on.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::peers::PATIENCE;

/// A gate that a test opens once.
#[derive(Default)]
pub(super) struct Gate {
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    pub(super) fn shut() -> Arc<Gate> {
        Arc::default()
    }

    pub(super) fn open(&self) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.opened.notify_all();
    }

    /// Waits until it is open.
    pub(super) fn pass(&self) {
        assert!(self.is_open_within(PATIENCE), "nobody opens the gate");
    }

    /// Waits until it is open, at most for so long, and returns whether it is.
    pub(super) fn is_open_within(&self, limit: Duration) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        *self.opened.wait_timeout_while(open, limit, |open| !*open).unwrap_or_else(PoisonError::into_inner).0
    }
}
