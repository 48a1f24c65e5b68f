//! Events: reports that every client gets without asking.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

/// Something that happened. Its time is set when it is published.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    name: &'static str,
    data: Option<Value>,
}

impl Event {
    /// Returns an event without data, such as `STOP`.
    pub fn bare(name: &'static str) -> Self {
        Self { name, data: None }
    }

    /// Returns an event with data, an object.
    pub fn with_data(name: &'static str, data: Value) -> Self {
        Self { name, data: Some(data) }
    }

    /// Returns the event as it goes over the wire, with the time `at` (wall clock).
    pub fn to_value(&self, at: SystemTime) -> Value {
        // The protocol has no time before 1970.
        let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut event = Map::new();
        event.insert("event".to_owned(), self.name.into());
        if let Some(data) = &self.data {
            event.insert("data".to_owned(), data.clone());
        }
        let timestamp = json!({ "seconds": since.as_secs(), "microseconds": since.subsec_micros() });
        event.insert("timestamp".to_owned(), timestamp);
        Value::Object(event)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_event_has_its_members_in_the_usual_order() {
        let at = UNIX_EPOCH + Duration::new(7, 8_000);
        let stop = Event::bare("STOP").to_value(at).to_string();
        assert_eq!(stop, r#"{"event":"STOP","timestamp":{"seconds":7,"microseconds":8}}"#);
        let pass = Event::with_data("MIGRATION_PASS", json!({"pass": 1})).to_value(at).to_string();
        assert_eq!(pass, r#"{"event":"MIGRATION_PASS","data":{"pass":1},"timestamp":{"seconds":7,"microseconds":8}}"#);
    }
}
