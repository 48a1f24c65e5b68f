//! The commands of one process that have no reply yet, and what has been told already: a log may tell a thing twice.

use std::collections::VecDeque;

use serde_json::Value;

use super::line::Stamp;
use crate::observation::Command;

/// How many events are remembered, to know a copy.
const EVENTS_MAX: usize = 32;
/// How many changes of state are remembered that may be told again as events.
const CHANGES_MAX: usize = 8;
/// How many commands may wait for their replies: a recording without replies is followed all the same.
const WAITING_MAX: usize = 10_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    waiting: VecDeque<Waiting>,
    events: VecDeque<(Stamp, String, Value)>,
    /// Statuses that a trace has shown and that may still come as events.
    changes: VecDeque<String>,
    /// How many replies a trace has told that may still come from the monitor.
    replies: usize,
    /// The machines of the process, where it has several.
    pub(super) subjects: Vec<String>,
}

/// A command that waits for its reply.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    /// What it is, with its id.
    pub(super) command: Command,
    /// The name that it was given under.
    pub(super) name: String,
    /// What it is called in messages.
    pub(super) words: String,
    /// The machines that are asked, with the id for each; where a process has only one, that one.
    pub(super) asked: Vec<(String, u64)>,
    /// The `id` member, as it was sent.
    pub(super) tag: Option<Value>,
    /// Whether a trace has told that it was begun.
    pub(super) is_entered: bool,
}

impl Session {
    /// Whether a command is one that was told before and still waits for its reply.
    pub(super) fn is_copy(&mut self, name: &str, tag: Option<&Value>, is_entered: bool) -> bool {
        if is_entered {
            let before = self.waiting.iter_mut().find(|command| command.name == name && !command.is_entered);
            return before.map(|command| command.is_entered = true).is_some();
        }
        let is_same = |command: &Waiting| command.tag.as_ref() == tag && command.name == name;
        tag.is_some() && self.waiting.iter().any(is_same)
    }

    /// Somebody has connected to a process whose trace this is.
    pub(super) fn begin(&mut self) {
        self.waiting.clear();
    }

    pub(super) fn wait(&mut self, command: Waiting) {
        if self.waiting.len() == WAITING_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back(command);
    }

    /// Finds the command that a reply is to. `None` if it is to nothing: a session may have been cut into, and a log may
    /// tell a reply twice. Recorders that leave out the ids of commands are met half-way.
    pub(super) fn answer(&mut self, name: Option<&str>, tag: Option<&Value>, is_trace: bool) -> Option<Waiting> {
        if is_trace && name.is_none() && tag.is_none() && self.replies > 0 {
            self.replies -= 1;
            return None;
        }
        let is_named = |command: &Waiting| match (tag, name) {
            (Some(tag), _) => command.tag.as_ref() == Some(tag),
            (None, Some(name)) => command.name == name,
            (None, None) => false,
        };
        let is_nameless = |command: &Waiting| name.is_none() && command.tag.is_none();
        let at = self.waiting.iter().position(is_named);
        let at = at.or_else(|| self.waiting.iter().position(|one| is_nameless(one) && !one.command.out_of_band));
        let at = at.or_else(|| self.waiting.iter().position(is_nameless));
        // A trace does not show the ids of commands.
        let at = at.or_else(|| self.waiting.front().filter(|command| is_trace && command.is_entered).map(|_| 0))?;
        self.replies += usize::from(is_trace && name.is_some());
        self.waiting.remove(at)
    }

    /// Whether an event was told before.
    pub(super) fn has_told(&mut self, stamp: Option<Stamp>, name: &str, data: &Value) -> bool {
        let Some(stamp) = stamp else { return false };
        if self.events.iter().any(|(when, other, with)| *when == stamp && other == name && with == data) {
            return true;
        }
        if self.events.len() == EVENTS_MAX {
            self.events.pop_front();
        }
        self.events.push_back((stamp, name.to_owned(), data.clone()));
        false
    }

    /// A trace has shown a status.
    pub(super) fn changed(&mut self, status: &str) {
        if self.changes.len() == CHANGES_MAX {
            self.changes.pop_front();
        }
        self.changes.push_back(status.to_owned());
    }

    /// Whether a trace has shown this status, so that its event is a copy.
    pub(super) fn has_shown(&mut self, status: &str) -> bool {
        let at = self.changes.iter().position(|shown| shown == status);
        if let Some(at) = at {
            self.changes.drain(..=at);
        }
        at.is_some()
    }
}
