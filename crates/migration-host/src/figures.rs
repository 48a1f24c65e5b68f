//! The reply to `query-migrate`: the two sides of a process, and the figures of the source's attempt.

use std::time::Duration;

use migration_runtime::postcopy;
use migration_runtime::states::{Reason, Status};
use migration_runtime::wire::Token;
use serde_json::{Map, Value, json};

/// Both sides of one process, and the attempt of its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationInfo {
    /// The side that sends.
    pub source: SideInfo,
    /// The side that receives.
    pub destination: SideInfo,
    /// The source's present or last attempt.
    pub figures: Figures,
    /// The address at which the destination waits, as a source can use it.
    pub listens_at: Option<String>,
    /// The destination's half of a post-copy.
    pub fetched: Option<Fetched>,
    /// Whether the guest that the source moved away runs, or ran, on the destination of a post-copy: what the source has
    /// of its memory is old.
    pub ran_there: bool,
}

/// What a destination has fetched of the memory of its guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Pages that are missing.
    pub missing_pages: u64,
    /// What it has cost so far.
    pub figures: postcopy::Figures,
}

/// One side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideInfo {
    /// The status that it shows.
    pub status: Status,
    /// Why the attempt ends or ended, once that is known.
    pub reason: Option<Reason>,
    /// The state it is in: internal, for people who look for a fault.
    pub state: String,
    /// Whether an attempt is going on.
    pub in_progress: bool,
    /// The fact that decided the end of the attempt, by its name in the table.
    pub ended_by: Option<String>,
    /// Why the attempt has failed or was ended, or why the post-copy is paused.
    pub cause: Option<String>,
    /// Why the guest, which is here, does not go on after the attempt.
    pub stranded: Option<String>,
    /// The token of the attempt, once it is known.
    pub token: Option<Token>,
}

/// The figures of one attempt. Times are in milliseconds, amounts in bytes unless they are named otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// From the command to the end, or to now.
    pub total_ms: u64,
    /// From the command to the first page; `None` before it.
    pub setup_ms: Option<u64>,
    /// How long the guest stood still; `None` before it moved.
    pub downtime_ms: Option<u64>,
    /// How long it would stand still if it were stopped now.
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
    /// Everything that was sent over connections for pages.
    pub multifd_bytes: u64,
    /// Pages that the destination of a post-copy has asked for.
    pub postcopy_requests: u64,
    /// By how many per cent auto-converge slows the guest down now; 0 if it does not.
    pub throttle_percent: u8,
    /// Size of a page.
    pub page_bytes: u64,
}

impl MigrationInfo {
    /// Returns the reply to `query-migrate`: that of the source once it was used, that of the destination before, and
    /// an empty object before either was.
    pub fn to_value(&self) -> Value {
        let mut reply = Map::new();
        if self.destination.status != Status::None {
            self.destination.tell(&mut reply);
            if let (true, Some(address)) = (self.destination.in_progress, &self.listens_at) {
                reply.insert("x-listens-at".to_owned(), address.as_str().into());
            }
            if let Some(fetched) = &self.fetched {
                fetched.tell(&mut reply);
            }
        }
        if self.source.status != Status::None {
            reply.clear();
            self.source.tell(&mut reply);
            if self.source.in_progress || self.source.status == Status::Completed {
                self.figures.tell(&mut reply, self.source.in_progress);
            }
        }
        Value::Object(reply)
    }
}

impl MigrationInfo {
    /// Whether a guest arrives, or is here, whose post-copy is not over.
    pub fn receives_postcopy(&self) -> bool {
        self.destination.in_progress && self.fetched.is_some()
    }

    /// Whether pages of the guest that runs here are missing.
    pub fn lacks_memory(&self) -> bool {
        self.fetched.as_ref().is_some_and(|fetched| fetched.missing_pages > 0)
    }
}

impl Fetched {
    fn tell(&self, reply: &mut Map<String, Value>) {
        let figures = &self.figures;
        let waits: u64 = figures.latency.iter().sum();
        let blocked: Duration = figures.blocked.values().sum();
        let mean = u64::try_from(blocked.as_nanos()).unwrap_or(u64::MAX).checked_div(waits).unwrap_or(0);
        let by_thread: Vec<u64> = figures.blocked.values().map(|time| milliseconds(*time)).collect();
        // Named as QEMU 10.1 names them.
        reply.insert("postcopy-vcpu-blocktime".to_owned(), json!(by_thread));
        reply.insert("postcopy-latency".to_owned(), mean.into());
        reply.insert("postcopy-latency-dist".to_owned(), json!(figures.latency));
        let own = json!({
            "missing-pages": self.missing_pages,
            "requests": figures.requests,
            "pulled-pages": figures.pulled_pages,
            "pushed-pages": figures.pushed_pages,
            "zero-pages": figures.zero_pages,
            "crossed-pages": figures.crossed_pages,
        });
        reply.insert("x-postcopy".to_owned(), own);
    }
}

/// Returns a duration in whole milliseconds, the unit of the wire.
pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl SideInfo {
    fn tell(&self, reply: &mut Map<String, Value>) {
        reply.insert("status".to_owned(), self.status.name().into());
        if let Some(reason) = self.reason {
            reply.insert("reason".to_owned(), reason.name().into());
        }
        reply.insert("x-state".to_owned(), self.state.as_str().into());
        if let Some(token) = self.token {
            reply.insert("x-token".to_owned(), token.to_string().into());
        }
        if let Some(fact) = &self.ended_by {
            reply.insert("x-ended-by".to_owned(), fact.as_str().into());
        }
        let stranded = self.stranded.as_ref().map(|why| format!("the guest cannot go on here: {why}"));
        let all: Vec<String> = self.cause.iter().cloned().chain(stranded).collect();
        if !all.is_empty() {
            reply.insert("error-desc".to_owned(), all.join("; ").into());
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
        if in_progress && self.throttle_percent > 0 {
            reply.insert("cpu-throttle-percentage".to_owned(), self.throttle_percent.into());
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
            "multifd-bytes": self.multifd_bytes,
            "postcopy-requests": self.postcopy_requests,
            "page-size": self.page_bytes,
        });
        reply.insert("ram".to_owned(), ram);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(status: Status, in_progress: bool) -> SideInfo {
        let (state, reason, token) = (status.name().to_owned(), None, None);
        SideInfo { status, reason, in_progress, state, ended_by: None, cause: None, stranded: None, token }
    }

    fn reply(source: SideInfo, destination: SideInfo) -> Value {
        let figures = Figures { normal_pages: 3, page_bytes: 4096, setup_ms: Some(1), ..Figures::default() };
        let listens_at = Some("tcp:127.0.0.1:1".to_owned());
        MigrationInfo { source, destination, figures, listens_at, fetched: None, ran_there: false }.to_value()
    }

    #[test]
    fn the_source_overrides_the_destination_once_it_was_used() {
        let unused = || side(Status::None, false);
        assert_eq!(reply(unused(), unused()), json!({}));
        let value = reply(unused(), side(Status::Setup, true));
        assert_eq!(value, json!({"status": "setup", "x-state": "setup", "x-listens-at": "tcp:127.0.0.1:1"}));
        let value = reply(side(Status::Cancelled, false), side(Status::Completed, false));
        assert_eq!(value, json!({"status": "cancelled", "x-state": "cancelled"}));
    }

    #[test]
    fn figures_are_told_while_it_runs_and_when_it_is_completed() {
        for status in [side(Status::Active, true), side(Status::Completed, false)] {
            let value = reply(status, side(Status::None, false));
            assert_eq!(value["ram"]["normal-bytes"], 3 * 4096);
            assert_eq!(value["setup-time"], 1);
            assert_eq!(value.get("downtime"), None);
        }
    }

    #[test]
    fn a_guest_that_is_slowed_down_is_told() {
        let figures = Figures { throttle_percent: 30, ..Figures::default() };
        for (in_progress, told) in [(true, json!(30)), (false, Value::Null)] {
            let (source, destination) = (side(Status::Completed, in_progress), side(Status::None, false));
            let info =
                MigrationInfo { source, destination, figures, listens_at: None, fetched: None, ran_there: false };
            assert_eq!(info.to_value()["cpu-throttle-percentage"], told);
        }
    }

    #[test]
    fn a_failure_tells_what_decided_and_why() {
        let (ended_by, cause) = (Some("timed_out".to_owned()), Some("no sign of life".to_owned()));
        let value = reply(SideInfo { ended_by, cause, ..side(Status::Failed, false) }, side(Status::None, false));
        assert_eq!(value["x-ended-by"], "timed_out");
        assert_eq!(value["error-desc"], "no sign of life");
    }

    #[test]
    fn a_guest_that_cannot_go_on_is_told_whatever_the_ending() {
        let none = || side(Status::None, false);
        let stranded = || Some("no vCPU".to_owned());
        let value = reply(SideInfo { stranded: stranded(), ..side(Status::Cancelled, false) }, none());
        assert_eq!(value["error-desc"], "the guest cannot go on here: no vCPU");
        let cause = Some("no sign of life".to_owned());
        let value = reply(SideInfo { stranded: stranded(), cause, ..side(Status::Failed, false) }, none());
        assert_eq!(value["error-desc"], "no sign of life; the guest cannot go on here: no vCPU");
    }
}
