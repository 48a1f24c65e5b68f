//! Recordings as text: what they say, in formats that may even be mixed.
//!
//! - Wrapped: `{"ts", "side", "proc", "kind", "name", "data"}`, several processes in one recording.
//! - Raw: what crosses a QMP socket, as it is or as somebody's envelope holds it.
//! - What `socat -v` prints of that.
//! - The trace that our own host writes, of which what it publishes is taken.
//! - The screen of `qmp-shell`, in all its ways: with and without echo, pretty or not, for people's commands too; and
//!   the file that it keeps.
//!
//! Objects are found wherever they stand, several on a line or one on several lines, with any marks around them. Lines
//! without one are passed over, but for a command that was typed at a prompt. A recording may end in the middle of an
//! object; an object in its middle that makes no sense is said to be one.

mod decode;
mod line;
mod python;
mod scan;
mod socat;
mod terminal;
mod typed;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use super::observation::{Command, Observation, Reply};
use line::{BadObject, Line};
use scan::{Found, Scanner};
use socat::{Socat, Way};

/// How the screen of `qmp-shell` begins that takes commands of the human monitor.
const HUMAN_BANNER: &str = "Welcome to the HMP shell!";

/// Reads a recording, line by line.
#[derive(Clone, Debug, Default)]
pub struct Log {
    processes: BTreeMap<String, Session>,
    next_id: u64,
    /// How many lines were read.
    lines: usize,
    socat: Socat,
    /// One for each way: their pieces may be mixed.
    forth: Scanner,
    back: Scanner,
    /// Whether commands at the prompt are for the human monitor.
    takes_human_commands: bool,
    /// The command at the last prompt, if nothing has come since: what comes next may be its echo.
    typed: Option<String>,
}

/// Something that was seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// In which line of the recording, counted from 1.
    pub line: usize,
    /// Of which process; empty in a raw recording.
    pub process: String,
    /// What it was.
    pub observation: Observation,
    /// Whether it is an event as `qmp-shell` shows it: when asked for, not when it came.
    pub is_late: bool,
    /// The same in a few words, as a subject: "event `MIGRATION` with status `active`".
    pub words: String,
}

/// Something that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// In which line of the recording it begins, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

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

impl Log {
    /// Takes in the next line; its end may be there or not. What it completes, in order.
    pub fn read(&mut self, line: &str) -> Vec<Result<Seen, BadLine>> {
        self.lines += 1;
        let shown = terminal::shown(line);
        let mut out = Vec::new();
        let Some((way, text)) = self.socat.line(&shown, line.trim_end_matches('\n').ends_with('\r')) else {
            return out;
        };
        self.takes_human_commands |= text.contains(HUMAN_BANNER);
        if !self.scanner(way).is_open()
            && let Some(typed) = typed::at_prompt(text)
            && self.typed(typed, &mut out)
        {
            return out;
        }
        let (number, mut found) = (self.lines, Vec::new());
        self.scanner(way).line(number, text, &mut found);
        found.into_iter().for_each(|found| self.found(found, &mut out));
        out
    }

    /// The line in which something began that did not end before the recording did.
    pub fn finish(&mut self) -> Option<usize> {
        self.forth.finish().into_iter().chain(self.back.finish()).min()
    }

    fn scanner(&mut self, way: Way) -> &mut Scanner {
        match way {
            Way::Forth => &mut self.forth,
            Way::Back => &mut self.back,
        }
    }

    /// A line at the prompt; whether it is a command.
    fn typed(&mut self, typed: &str, out: &mut Vec<Result<Seen, BadLine>>) -> bool {
        let line = self.lines;
        if self.takes_human_commands {
            // What the human monitor says is not told from the rest; but at the next prompt it has said it.
            let waiting = &self.processes.entry(String::new()).or_default().waiting;
            let replies = waiting.iter().map(|_| Line::Return {
                process: String::new(),
                name: None,
                tag: None,
                body: json!({ "return": "" }),
            });
            let replies: Vec<Line> = replies.collect();
            replies.into_iter().for_each(|reply| self.say(line, reply, out));
        }
        let (name, arguments) = if !self.takes_human_commands {
            let Some(command) = typed::command(typed) else { return false };
            command
        } else if typed.is_empty() || typed.starts_with('{') {
            return false;
        } else {
            ("human-monitor-command".to_owned(), json!({ "command-line": typed }))
        };
        let echo = name.clone();
        self.say(line, Line::Command { process: String::new(), name, arguments, out_of_band: false, tag: None }, out);
        self.typed = Some(echo);
        true
    }

    fn found(&mut self, found: Found, out: &mut Vec<Result<Seen, BadLine>>) {
        match found {
            Found::Cut(line) => out.push(Err(BadLine { line, why: "no JSON object: it has no end".to_owned() })),
            Found::Whole(line, text) => match decode::object(&text) {
                Ok(lines) => lines.into_iter().for_each(|said| self.say(line, said, out)),
                Err(BadObject(why)) => out.push(Err(BadLine { line, why })),
            },
        }
    }

    fn say(&mut self, line: usize, said: Line, out: &mut Vec<Result<Seen, BadLine>>) {
        let (typed, mut is_late) = (self.typed.take(), false);
        let (process, seen) = match said {
            // With `-v` the shell shows what it sends, after what was typed.
            Line::Command { name, tag: None, .. } if typed.as_ref() == Some(&name) => return,
            Line::Command { process, name, arguments, out_of_band, tag } => {
                let seen = self.command(&process, name, &arguments, out_of_band, tag);
                (process, Some(seen))
            }
            Line::Return { process, name, tag, body } => {
                let seen = self.reply(&process, name.as_deref(), tag.as_ref(), &body);
                (process, seen)
            }
            Line::Event { process, name, data, is_late: late } => match decode::event(&name, &data) {
                Ok(seen) => {
                    is_late = late;
                    (process, seen)
                }
                Err(BadObject(why)) => return out.push(Err(BadLine { line, why })),
            },
            Line::Process { process, name, data } => (process, decode::process(&name, &data)),
        };
        out.extend(seen.map(|(observation, words)| Ok(Seen { line, process, observation, is_late, words })));
    }

    fn command(
        &mut self,
        process: &str,
        name: String,
        arguments: &Value,
        out_of_band: bool,
        tag: Option<Value>,
    ) -> (Observation, String) {
        self.next_id += 1;
        let id = self.next_id;
        let waiting = &mut self.processes.entry(process.to_owned()).or_default().waiting;
        waiting.push(Waiting { id, name: name.clone(), out_of_band, tag });
        let words = format!("command `{name}`");
        let command = Command { id, out_of_band, ..decode::command(name, arguments) };
        (Observation::Command(command), words)
    }

    /// Finds the command that a reply is to. A reply to nothing is passed over: a session may have been cut into, and
    /// recorders that leave out the ids of commands are met half-way.
    fn reply(
        &mut self,
        process: &str,
        name: Option<&str>,
        tag: Option<&Value>,
        body: &Value,
    ) -> Option<(Observation, String)> {
        let waiting = &mut self.processes.entry(process.to_owned()).or_default().waiting;
        let is_named = |command: &Waiting| match (tag, name) {
            (Some(tag), _) => command.tag.as_ref() == Some(tag),
            (None, Some(name)) => command.name == name,
            (None, None) => false,
        };
        let is_nameless = |command: &Waiting| name.is_none() && command.tag.is_none();
        let at = waiting.iter().position(is_named);
        let at = at.or_else(|| waiting.iter().position(|command| is_nameless(command) && !command.out_of_band));
        let command = waiting.remove(at.or_else(|| waiting.iter().position(is_nameless))?);
        let reply = decode::reply(&command.name, body);
        let words = match &reply {
            Reply::Done | Reply::Capabilities(_) => format!("success of `{}`", command.name),
            Reply::Status(None) => format!("reply of `{}` without a status", command.name),
            Reply::Status(Some(status)) => format!("reply of `{}` with status `{status}`", command.name),
            Reply::Refused | Reply::Unknown => format!("error of `{}`{}", command.name, decode::because(body)),
        };
        Some((Observation::Reply { id: command.id, reply }, words))
    }
}

impl fmt::Display for BadLine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.why)
    }
}

impl std::error::Error for BadLine {}
