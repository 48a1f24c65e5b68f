//! What one line or one object of a recording says, and where it comes from.

use std::borrow::Cow;

use serde_json::Value;

/// Where something was said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Origin {
    /// In which line of the recording, counted from 1.
    pub(super) line: usize,
    /// On which host; empty where nothing tells.
    pub(super) host: String,
    /// Of which process of the host; empty where nothing tells.
    pub(super) process: String,
    /// Which thread wrote the line; empty where nothing tells.
    pub(super) thread: String,
    /// When, in seconds; since 1970 unless the recording has a clock of its own.
    pub(super) time: Option<f64>,
    /// Whether the line is a record of a log, which ends where the next one begins.
    pub(super) is_record: bool,
    /// Whether it is a text within an object.
    pub(super) is_in_object: bool,
}

impl Origin {
    /// The same, with the host in the name of the process.
    pub(super) fn named(&self) -> Cow<'_, Origin> {
        if self.host.is_empty() {
            return Cow::Borrowed(self);
        }
        let process = format!("{} {}", self.host, self.process).trim_end().to_owned();
        Cow::Owned(Origin { process, ..self.clone() })
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Message {
    /// A command.
    Command { name: String, arguments: Value, out_of_band: bool, tag: Option<Value> },
    /// A reply, with the name of its command where the recording says it.
    Return { name: Option<String>, tag: Option<Value>, body: Value },
    /// An event.
    Event { name: String, data: Value, stamp: Option<Stamp>, is_late: bool },
    /// A change of the status that somebody else tells than QMP does.
    Changed { status: String },
    /// A process was started, killed, or has exited.
    Process { name: String, data: Value },
    /// A greeting.
    Greeting,
}

/// The time of an event as QEMU writes it: seconds and microseconds.
pub(super) type Stamp = (i64, i64);

/// What an object in a line is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Holds {
    /// A message, or something that holds one.
    #[default]
    Message,
    /// What comes with an event.
    Data { event: String },
    /// The arguments of a command.
    Arguments { command: String },
    /// A message that the same log tells a second time, with the name of its process.
    Copy,
}

/// What is wrong with an object.
#[derive(Clone, Debug)]
pub(super) struct BadObject {
    pub(super) why: String,
    /// Whether it looks like a message, so that something is missing without it.
    pub(super) is_message: bool,
}

impl BadObject {
    /// A message that makes no sense.
    pub(super) fn message(why: impl Into<String>) -> BadObject {
        BadObject { why: why.into(), is_message: true }
    }
}
