//! Where a paused post-copy connects again: the user says so while the work waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::channel::Endpoint;

/// Takes the endpoint of the next recovery to the work that carries it out. Clones share it.
///
/// Set it before the trigger is raised (`resume` on the source, `recover` on the destination), and
/// [forget](Recovery::forget) it if the machine refuses the trigger.
#[derive(Clone, Debug, Default)]
pub struct Recovery(Arc<Mutex<Option<Endpoint>>>);

impl Recovery {
    /// Says where the next recovery connects, in place of what was said before.
    pub fn set(&self, peer: impl Into<Endpoint>) {
        *self.lock() = Some(peer.into());
    }

    /// Forgets what was said.
    pub fn forget(&self) {
        *self.lock() = None;
    }

    pub(crate) fn take(&self) -> Option<Endpoint> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Endpoint>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
