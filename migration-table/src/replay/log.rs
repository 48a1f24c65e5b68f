//! Recordings as text: what a line of one says, in two formats that may even be mixed.
//!
//! - Wrapped: `{"ts", "side", "proc", "kind", "name", "data"}`, several processes in one recording.
//! - Raw: what crosses a QMP socket, one JSON object a line. `socat` and people put marks before it (`<-`, `>`, a
//!   time), so a line is read from its first brace; lines without a brace are passed over, but for a command that was
//!   typed at the prompt of `qmp-shell`.

mod decode;
mod typed;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::observation::{Command, Observation, Reply};

/// Reads a recording, line by line.
#[derive(Clone, Debug, Default)]
pub struct Log {
    processes: BTreeMap<String, Session>,
    next_id: u64,
}

/// Something that was seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Of which process; empty in a raw recording.
    pub process: String,
    /// What it was.
    pub observation: Observation,
    /// The same in a few words, as a subject: "event `MIGRATION` with status `active`".
    pub words: String,
}

/// A line that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine(String);

/// The commands of one process that have no reply yet, oldest first.
#[derive(Clone, Debug, Default)]
struct Session {
    waiting: Vec<Waiting>,
}

#[derive(Clone, Debug)]
struct Waiting {
    id: u64,
    name: String,
    out_of_band: bool,
    /// The `id` member, as it was sent.
    tag: Option<Value>,
}

/// A line, decoded.
enum Line {
    Command { process: String, name: String, arguments: Value, out_of_band: bool, tag: Option<Value> },
    Return { process: String, name: Option<String>, tag: Option<Value>, body: Value },
    Event { process: String, name: String, data: Value },
    Process { process: String, name: String, data: Value },
    Nothing,
}

impl Log {
    /// What a line says, if it says anything.
    ///
    /// # Errors
    ///
    /// When the line has a brace and is no JSON object of either format.
    pub fn read(&mut self, line: &str) -> Result<Option<Seen>, BadLine> {
        Ok(match decode::line(line)? {
            Line::Command { process, name, arguments, out_of_band, tag } => {
                Some(self.command(process, name, &arguments, out_of_band, tag))
            }
            Line::Return { process, name, tag, body } => self.reply(process, name.as_deref(), tag.as_ref(), &body),
            Line::Event { process, name, data } => decode::event(process, &name, &data)?,
            Line::Process { process, name, data } => decode::process(process, &name, &data),
            Line::Nothing => None,
        })
    }

    fn command(
        &mut self,
        process: String,
        name: String,
        arguments: &Value,
        out_of_band: bool,
        tag: Option<Value>,
    ) -> Seen {
        self.next_id += 1;
        let id = self.next_id;
        let waiting = &mut self.processes.entry(process.clone()).or_default().waiting;
        waiting.push(Waiting { id, name: name.clone(), out_of_band, tag });
        let words = format!("command `{name}`");
        let command = Command { id, out_of_band, ..decode::command(name, arguments) };
        Seen { process, observation: Observation::Command(command), words }
    }

    /// Finds the command that a reply is to. A reply to nothing is passed over: a session may have been cut into.
    fn reply(&mut self, process: String, name: Option<&str>, tag: Option<&Value>, body: &Value) -> Option<Seen> {
        let waiting = &mut self.processes.entry(process.clone()).or_default().waiting;
        let is_it = |command: &Waiting| match (tag, name) {
            (Some(tag), _) => command.tag.as_ref() == Some(tag),
            (None, Some(name)) => command.name == name,
            (None, None) => command.tag.is_none() && !command.out_of_band,
        };
        let command = waiting.remove(waiting.iter().position(is_it)?);
        let reply = decode::reply(&command.name, body);
        let words = match &reply {
            Reply::Done | Reply::Capabilities(_) => format!("success of `{}`", command.name),
            Reply::Status(None) => format!("reply of `{}` without a status", command.name),
            Reply::Status(Some(status)) => format!("reply of `{}` with status `{status}`", command.name),
            Reply::Refused | Reply::Unknown => format!("error of `{}`{}", command.name, decode::because(body)),
        };
        Some(Seen { process, observation: Observation::Reply { id: command.id, reply }, words })
    }
}

impl fmt::Display for BadLine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for BadLine {}
