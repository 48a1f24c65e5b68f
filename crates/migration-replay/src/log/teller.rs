//! From messages to what was seen of each process.

use std::collections::BTreeMap;

use serde_json::Value;

use super::decode;
use super::format::line_of;
use super::line::{BadObject, Message, Origin, Stamp};
use super::seen::{Out, Seen};
use super::session::{Session, Waiting};
use super::text::short;
use crate::names::Names;
use crate::observation::{Command, Observation, Reply};

/// How many threads are remembered that have told of an event.
const THREADS_MAX: usize = 4096;
/// How many notes are kept.
const NOTES_MAX: usize = 20;

/// What is known of all processes of a log.
#[derive(Clone, Debug, Default)]
pub(super) struct Teller {
    pub(super) names: Names,
    sessions: BTreeMap<String, Session>,
    next_id: u64,
    /// By thread, the status that it has told of last.
    told: BTreeMap<String, String>,
    /// What else a reader should know, with the line where it was noticed first.
    notes: BTreeMap<String, usize>,
}

impl Teller {
    pub(super) fn new(names: Names) -> Teller {
        Teller { names, ..Teller::default() }
    }

    /// What else a reader should know, each with the line where it was noticed first.
    pub(super) fn notes(&self) -> impl Iterator<Item = (usize, &str)> {
        self.notes.iter().map(|(note, line)| (*line, note.as_str()))
    }

    pub(super) fn note(&mut self, line: usize, note: String) {
        if self.notes.len() < NOTES_MAX {
            self.notes.entry(note).or_insert(line);
        }
    }

    /// Says what a message means; a command may be told by a trace that it was entered.
    pub(super) fn say(
        &mut self,
        origin: &Origin,
        message: Message,
        is_entered: bool,
        out: &mut Out,
    ) -> Result<(), BadObject> {
        let at = out.len();
        match message {
            Message::Command { name, arguments, out_of_band, tag } => {
                self.command(origin, name, &arguments, (out_of_band, is_entered), tag, out);
            }
            Message::Return { name, tag, body } => self.reply(origin, name.as_deref(), tag.as_ref(), &body, out),
            Message::Event { name, data, stamp, is_late } => {
                self.event(origin, &name, &data, stamp, out)?;
                out[at..].iter_mut().flatten().for_each(|seen| seen.is_late = is_late);
            }
            Message::Changed { status } => self.changed(origin, &status, out),
            Message::Process { name, data } => {
                let seen = decode::process(&name, &data);
                let seen = seen.map(|(observation, words)| Ok(Seen::at(origin, &origin.process, observation, words)));
                out.extend(seen);
            }
            // QEMU asks itself for what it greets with, and a trace shows that.
            Message::Greeting if origin.is_record => self.sessions.entry(origin.process.clone()).or_default().begin(),
            Message::Greeting => {}
        }
        Ok(())
    }

    fn command(
        &mut self,
        origin: &Origin,
        name: String,
        arguments: &Value,
        (out_of_band, is_entered): (bool, bool),
        tag: Option<Value>,
        out: &mut Out,
    ) {
        let session = self.sessions.entry(origin.process.clone()).or_default();
        if session.is_copy(&name, tag.as_ref(), is_entered) {
            return;
        }
        let words = match line_of(&name, arguments) {
            Some(line) => format!("`{}` (human monitor)", short(line)),
            None => format!("`{}`", short(&name)),
        };
        let command = Command { out_of_band, ..decode::command(name.clone(), arguments, &self.names) };
        let subjects = match decode::subject(arguments, &self.names) {
            Some(subject) => {
                if !session.subjects.contains(&subject) {
                    session.subjects.push(subject.clone());
                }
                vec![subject]
            }
            None if command.name == self.names.wire.query => session.subjects.clone(),
            None => Vec::new(),
        };
        let mut asked = Vec::new();
        let none = subjects.is_empty().then(String::new);
        for subject in subjects.into_iter().chain(none) {
            self.next_id += 1;
            let command = Command { id: self.next_id, ..command.clone() };
            let process = process_of(&origin.process, &subject);
            out.push(Ok(Seen::at(origin, &process, Observation::Command(command), format!("command {words}"))));
            asked.push((subject, self.next_id));
        }
        session.wait(Waiting { command, name, words, asked, tag, is_entered });
    }

    fn reply(&mut self, origin: &Origin, name: Option<&str>, tag: Option<&Value>, body: &Value, out: &mut Out) {
        let session = self.sessions.entry(origin.process.clone()).or_default();
        let Some(waiting) = session.answer(name, tag, origin.is_record) else { return };
        for (subject, id) in waiting.asked {
            let is_query = !subject.is_empty() && waiting.command.name == self.names.wire.query;
            let reply = match is_query && body.get("error").is_none() {
                true => decode::reply_about(&subject, body, &self.names),
                false => decode::reply(&waiting.command, body, &self.names),
            };
            let command = &waiting.words;
            let words = match &reply {
                Reply::Done | Reply::Capabilities(_) => format!("success of {command}"),
                Reply::Status(None) => format!("reply of {command} without a status"),
                Reply::Status(Some(status)) => format!("reply of {command} with status `{}`", short(status)),
                Reply::Unreadable => format!("reply of {command}"),
                Reply::Refused(_) | Reply::Unknown => format!("error of {command}{}", decode::because(body)),
            };
            let process = process_of(&origin.process, &subject);
            out.push(Ok(Seen::at(origin, &process, Observation::Reply { id, reply }, words)));
        }
    }

    fn event(
        &mut self,
        origin: &Origin,
        name: &str,
        data: &Value,
        stamp: Option<Stamp>,
        out: &mut Out,
    ) -> Result<(), BadObject> {
        let session = self.sessions.entry(origin.process.clone()).or_default();
        if session.has_told(stamp, name, data) {
            return Ok(());
        }
        let time = stamp.map(|(seconds, micros)| seconds as f64 + micros as f64 / 1e6).or(origin.time);
        let origin = &Origin { time, ..origin.clone() };
        if name != self.names.wire.event {
            if name == "SHUTDOWN" {
                out.push(Ok(Seen::at(origin, &origin.process, Observation::Ending, "event `SHUTDOWN`".to_owned())));
            }
            self.other_event(origin.line, name, data);
            return Ok(());
        }
        let Some(status) = data.get(&self.names.wire.member).and_then(Value::as_str) else {
            let (event, member) = (&self.names.wire.event, &self.names.wire.member);
            let why = if member == "status" {
                format!("event `{event}` without a status")
            } else {
                format!("event `{event}` without `{member}`")
            };
            return Err(BadObject::message(why));
        };
        if session.has_shown(status) {
            return Ok(());
        }
        if origin.is_record && self.told.len() < THREADS_MAX {
            self.told.insert(origin.thread.clone(), status.to_owned());
        }
        let subject = decode::subject(data, &self.names).unwrap_or_default();
        if !subject.is_empty() && !session.subjects.contains(&subject) {
            session.subjects.push(subject.clone());
        }
        let told = self.names.told(data).unwrap_or_default();
        let words = format!("event `{}` with status `{}`", self.names.wire.event, short(&told));
        let process = process_of(&origin.process, &subject);
        out.push(Ok(Seen::at(origin, &process, Observation::Published(told), words)));
        Ok(())
    }

    /// An event that does not carry the status, although the table could have meant it.
    fn other_event(&mut self, line: usize, name: &str, data: &Value) {
        let members = data.as_object().into_iter().flatten();
        let meant = members.filter_map(|(key, value)| Some((key, value.as_str()?)));
        let Some((key, status)) = meant.into_iter().find(|(_, value)| self.names.is_status(value)) else { return };
        let event = &self.names.wire.event;
        let note = format!(
            "event `{}` is not followed, although its `{}` can be a status of the table (`{status}` here): the table \
             follows `{event}`; `qmp: {{ event: {} }}` in the table changes that",
            short(name),
            short(key),
            short(name)
        );
        // One note for each event, whatever the status.
        let is_known = |note: &String| note.starts_with(&format!("event `{}` is not followed", short(name)));
        if !self.notes.keys().any(is_known) {
            self.note(line, note);
        }
    }

    /// A change of the status that a trace shows, or libvirt in its own words.
    fn changed(&mut self, origin: &Origin, status: &str, out: &mut Out) {
        if self.told.get(&origin.thread).is_some_and(|told| told == status) {
            self.told.remove(&origin.thread);
            return;
        }
        self.sessions.entry(origin.process.clone()).or_default().changed(status);
        let words = format!("change of state to `{}`", short(status));
        out.push(Ok(Seen::at(origin, &origin.process, Observation::Changed(status.to_owned()), words)));
    }
}

/// The name of one of several machines in a process.
fn process_of(process: &str, subject: &str) -> String {
    match (process, subject) {
        (process, "") => process.to_owned(),
        ("", subject) => subject.to_owned(),
        (process, subject) => format!("{process} {subject}"),
    }
}
