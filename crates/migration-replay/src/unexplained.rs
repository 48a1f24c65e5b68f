//! What is said when no run of the table explains what was seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::config::Phase;
use super::observation::Reply;
use super::request::{Request, Wish};
use migration_table::model::{Machine, StateId, Table};

/// Something was seen that no run of the table explains, and what could have been seen instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unexplained(Box<Detail>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Detail {
    why: Why,
    /// For each machine, in the order of its name, the states in which it may be, each with what it shows.
    states: BTreeMap<String, BTreeSet<(String, String)>>,
    published: BTreeSet<String>,
    replies: BTreeMap<String, BTreeSet<String>>,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Published(String),
    UnknownStatus(String),
    Replied { command: String, reply: Reply },
    Gone,
    TooManyPossibilities,
}

impl Unexplained {
    pub(super) fn because(why: Why) -> Unexplained {
        let (states, published, replies) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        Unexplained(Box::new(Detail { why, states, published, replies }))
    }

    pub(super) fn may_be(&mut self, machine: &Machine, state: StateId, shows: &str) {
        let state = (machine.state(state).name.clone(), shows.to_owned());
        self.0.states.entry(machine.name.clone()).or_default().insert(state);
    }

    pub(super) fn may_publish(&mut self, status: &str) {
        self.0.published.insert(status.to_owned());
    }

    pub(super) fn may_reply(&mut self, table: &Table, request: &Request, phase: Phase) {
        let reply = match phase {
            Phase::Sent => return,
            Phase::Accepted { went_wrong: false, .. } | Phase::Ignored => "success".to_owned(),
            Phase::Accepted { went_wrong: true, .. } => "success, or an error".to_owned(),
            Phase::Refused => "an error".to_owned(),
            Phase::Shown(None) => "no status".to_owned(),
            Phase::Shown(Some(status)) => format!("status `{}`", table.statuses[status.index()].name),
        };
        // A reply without news is only worth telling for what was asked of a machine.
        if !matches!(request.wish, Wish::Capabilities | Wish::Parameters) {
            self.0.replies.entry(request.command.name.clone()).or_default().insert(reply);
        }
    }

    /// What could have been seen instead, a line each.
    #[must_use]
    pub fn instead(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (machine, states) in &self.0.states {
            let states: Vec<String> =
                states.iter().map(|(state, shows)| format!("`{state}` (shows `{shows}`)")).collect();
            lines.push(format!("`{machine}` may be in {}", list(&states)));
        }
        let published: Vec<String> = self.0.published.iter().map(|status| format!("`{status}`")).collect();
        lines.push(if published.is_empty() {
            "no status could be published next".to_owned()
        } else {
            format!("the next status could be {}", list(&published))
        });
        for (command, replies) in &self.0.replies {
            let replies: Vec<String> = replies.iter().cloned().collect();
            lines.push(format!("the reply to `{command}` could be {}", list(&replies)));
        }
        lines
    }
}

impl fmt::Display for Unexplained {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.why {
            Why::Published(status) => write!(out, "no run publishes `{status}` here"),
            Why::UnknownStatus(status) => write!(out, "the table has no status `{status}`"),
            Why::Replied { command, reply } => match reply {
                Reply::Done | Reply::Capabilities(_) => write!(out, "no run lets `{command}` succeed here"),
                Reply::Status(None) => write!(out, "no run shows no status to `{command}` here"),
                Reply::Status(Some(status)) => write!(out, "no run shows `{status}` to `{command}` here"),
                Reply::Refused | Reply::Unknown => write!(out, "no run refuses `{command}` here"),
            },
            Why::Gone => write!(out, "the process is gone already"),
            Why::TooManyPossibilities => write!(out, "there are too many possibilities to follow"),
        }
    }
}

impl std::error::Error for Unexplained {}

fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
