//! Every event to every client that listens, in one order for all.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::event::Event;
use super::reply::line;

/// Takes events for one client.
pub trait Subscriber: Send + Sync {
    /// Takes an event as it goes over the wire. Must not wait.
    ///
    /// False: it takes no more, and is forgotten.
    fn take(&self, event: &Arc<[u8]>) -> bool;
}

/// Those who are told what happens.
#[derive(Default)]
pub struct Broadcast {
    subscribers: Mutex<Vec<Arc<dyn Subscriber>>>,
}

impl Broadcast {
    /// Tells `subscriber` every event from now on.
    pub fn subscribe(&self, subscriber: Arc<dyn Subscriber>) {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner).push(subscriber);
    }

    /// Tells `subscriber` nothing any more.
    pub fn unsubscribe(&self, subscriber: &Arc<dyn Subscriber>) {
        let mut subscribers = self.subscribers.lock().unwrap_or_else(PoisonError::into_inner);
        subscribers.retain(|other| !Arc::ptr_eq(other, subscriber));
    }

    /// Tells everyone. Events that are published one after the other arrive so, with times that do not decrease
    /// unless the clock is set back: the time is taken under the same lock.
    pub fn publish(&self, event: &Event) {
        let mut subscribers = self.subscribers.lock().unwrap_or_else(PoisonError::into_inner);
        let value = event.to_value(SystemTime::now());
        tracing::debug!(event = %value, "event");
        let bytes: Arc<[u8]> = line(&value).into();
        subscribers.retain(|subscriber| subscriber.take(&bytes));
    }
}
