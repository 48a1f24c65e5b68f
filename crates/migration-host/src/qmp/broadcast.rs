//! Publishes every event to every client that listens, in one order for all.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::event::Event;
use super::reply::line;

/// Takes events for one client.
pub trait Subscriber: Send + Sync {
    /// Takes an event as it goes over the wire. Must not wait. Returns false when it takes no more; then it is forgotten.
    fn take(&self, event: &Arc<[u8]>) -> bool;
}

/// The subscribers to events.
#[derive(Default)]
pub struct Broadcast {
    subscribers: Mutex<Vec<Arc<dyn Subscriber>>>,
}

impl Broadcast {
    /// Adds a subscriber, which gets every event from now on.
    pub fn subscribe(&self, subscriber: Arc<dyn Subscriber>) {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner).push(subscriber);
    }

    /// Removes a subscriber.
    pub fn unsubscribe(&self, subscriber: &Arc<dyn Subscriber>) {
        let mut subscribers = self.subscribers.lock().unwrap_or_else(PoisonError::into_inner);
        subscribers.retain(|other| !Arc::ptr_eq(other, subscriber));
    }

    /// Publishes an event to all subscribers. All get events in the same order, with times that do not decrease unless
    /// the clock is set back: the time is taken under the same lock.
    pub fn publish(&self, event: &Event) {
        let mut subscribers = self.subscribers.lock().unwrap_or_else(PoisonError::into_inner);
        let value = event.to_value(SystemTime::now());
        tracing::debug!(event = %value, "event");
        let bytes: Arc<[u8]> = line(&value).into();
        subscribers.retain(|subscriber| subscriber.take(&bytes));
    }
}
