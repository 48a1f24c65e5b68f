//! What `query-migrate` tells: the two sides of a process, and the figures of the source's attempt.

use serde_json::{Map, Value, json};

/// Both sides of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The side that sends.
    pub source: Side,
    /// The side that receives.
    pub destination: Side,
    /// The source's present or last attempt.
    pub figures: Figures,
    /// Where a guest is awaited, as an address that a source can use.
    pub listens_at: Option<String>,
}

/// One side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// The status that it shows.
    pub status: &'static str,
    /// The state it is in: internal, for people who look for a fault.
    pub state: String,
    /// Whether an attempt is going on.
    pub in_progress: bool,
    /// The fact that decided the end of the attempt, by its name in the table.
    pub ended_by: Option<String>,
    /// What the work said about it.
    pub cause: Option<String>,
}

/// The figures of one attempt. Times are in milliseconds, amounts in bytes unless they are named otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// From the command to the end, or to now.
    pub total_ms: u64,
    /// From the command to the first page; none before it.
    pub setup_ms: Option<u64>,
    /// How long the guest stood still; none before it moved.
    pub downtime_ms: Option<u64>,
    /// How long it would, if it were stopped now.
    pub expected_downtime_ms: Option<u64>,
    /// Everything that was sent.
    pub transferred: u64,
    /// Memory that is still to be sent.
    pub remaining: u64,
    /// All memory of the guest.
    pub total: u64,
    /// Pages that were sent as a mark that they are zero.
    pub zero_pages: u64,
    /// Pages that were sent whole.
    pub normal_pages: u64,
    /// Pages that the guest dirties in a second.
    pub dirty_pages_per_second: u64,
    /// Bits sent in a second.
    pub bits_per_second: u64,
    /// Pages sent in a second.
    pub pages_per_second: u64,
    /// Rounds over the memory that have begun.
    pub passes: u64,
    /// Size of a page.
    pub page_bytes: u64,
}

impl Picture {
    /// The reply to `query-migrate`: what the destination tells, then what the source tells over it, if it was ever
    /// used. An empty object before anything has happened.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut reply = Map::new();
        if self.destination.status != NONE {
            self.destination.tell(&mut reply);
            if let (true, Some(address)) = (self.destination.in_progress, &self.listens_at) {
                reply.insert("x-listens-at".to_owned(), address.as_str().into());
            }
        }
        if self.source.status != NONE {
            reply.clear();
            self.source.tell(&mut reply);
            if self.source.in_progress || self.source.status == "completed" {
                self.figures.tell(&mut reply, self.source.in_progress);
            }
        }
        Value::Object(reply)
    }
}

/// The status of a side that was never used; it is not told.
const NONE: &str = "none";

impl Side {
    fn tell(&self, reply: &mut Map<String, Value>) {
        reply.insert("status".to_owned(), self.status.into());
        reply.insert("x-state".to_owned(), self.state.as_str().into());
        if let Some(fact) = &self.ended_by {
            reply.insert("x-ended-by".to_owned(), fact.as_str().into());
        }
        if let (true, Some(cause)) = (matches!(self.status, "failing" | "failed"), &self.cause) {
            reply.insert("error-desc".to_owned(), cause.as_str().into());
        }
    }
}

impl Figures {
    fn tell(&self, reply: &mut Map<String, Value>, in_progress: bool) {
        reply.insert("total-time".to_owned(), self.total_ms.into());
        let expected = self.expected_downtime_ms.filter(|_| in_progress);
        let optional = [("setup-time", self.setup_ms), ("downtime", self.downtime_ms), ("expected-downtime", expected)];
        for (name, value) in optional {
            if let Some(value) = value {
                reply.insert(name.to_owned(), value.into());
            }
        }
        // Kilobits are exact in a double up to eight petabytes a second.
        let mbps = (self.bits_per_second / 1_000) as f64 / 1_000.0;
        let ram = json!({
            "transferred": self.transferred,
            "remaining": self.remaining,
            "total": self.total,
            "duplicate": self.zero_pages,
            "normal": self.normal_pages,
            "normal-bytes": self.normal_pages * self.page_bytes,
            "dirty-pages-rate": self.dirty_pages_per_second,
            "mbps": mbps,
            "pages-per-second": self.pages_per_second,
            "dirty-sync-count": self.passes,
            "page-size": self.page_bytes,
        });
        reply.insert("ram".to_owned(), ram);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(status: &'static str, in_progress: bool) -> Side {
        Side { status, in_progress, state: status.to_owned(), ..Side::default() }
    }

    fn picture(source: Side, destination: Side) -> Picture {
        let figures = Figures { normal_pages: 3, page_bytes: 4096, setup_ms: Some(1), ..Figures::default() };
        Picture { source, destination, figures, listens_at: Some("tcp:127.0.0.1:1".to_owned()) }
    }

    #[test]
    fn nothing_is_told_before_anything_happened() {
        assert_eq!(picture(side("none", false), side("none", false)).to_value(), json!({}));
    }

    #[test]
    fn the_source_overrides_the_destination_once_it_was_used() {
        let value = picture(side("none", false), side("setup", true)).to_value();
        assert_eq!(value, json!({"status": "setup", "x-state": "setup", "x-listens-at": "tcp:127.0.0.1:1"}));
        let value = picture(side("cancelled", false), side("completed", false)).to_value();
        assert_eq!(value, json!({"status": "cancelled", "x-state": "cancelled"}));
    }

    #[test]
    fn figures_are_told_while_it_runs_and_when_it_is_completed() {
        let value = picture(side("active", true), side("none", false)).to_value();
        assert_eq!(value["ram"]["normal-bytes"], 3 * 4096);
        assert_eq!(value["setup-time"], 1);
        assert_eq!(value.get("downtime"), None);
    }

    #[test]
    fn a_failure_tells_what_decided_and_why() {
        let failed = Side {
            ended_by: Some("timed_out".to_owned()),
            cause: Some("no sign of life".to_owned()),
            ..side("failed", false)
        };
        let value = picture(failed, side("none", false)).to_value();
        assert_eq!(value["x-ended-by"], "timed_out");
        assert_eq!(value["error-desc"], "no sign of life");
    }
}
