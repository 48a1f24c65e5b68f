//! One half of a post-copy, which the work makes and others look at.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Half of a post-copy that comes and goes while others look at it. Clones share it.
pub struct Cell<T>(Arc<Mutex<Option<Arc<T>>>>);

impl<T> Cell<T> {
    /// Returns it while it is there.
    pub fn get(&self) -> Option<Arc<T>> {
        self.lock().clone()
    }

    pub(crate) fn set(&self, half: T) -> Arc<T> {
        let half = Arc::new(half);
        *self.lock() = Some(Arc::clone(&half));
        half
    }

    pub(crate) fn take(&self) -> Option<Arc<T>> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for Cell<T> {
    fn default() -> Self {
        Cell(Arc::default())
    }
}

impl<T> Clone for Cell<T> {
    fn clone(&self) -> Self {
        Cell(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Cell<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Cell").finish_non_exhaustive()
    }
}
