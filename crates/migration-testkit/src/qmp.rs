//! A QMP client: sends commands, keeps the events that come in between, and never waits for ever.
//!
//! Every method here returns a [`Result`]. Tests, which can only fail, use those of [`expect`](crate::expect).

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::{Value, json};
use thiserror::Error;

/// How long a process may take to listen, and to reply: filling or checking gigabytes of memory takes its time.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How long the client waits before it tries again to connect.
const CONNECT_PAUSE: Duration = Duration::from_millis(10);

/// A connection to a process that serves QMP.
#[derive(Debug)]
pub struct Client {
    name: String,
    reading: BufReader<File>,
    writing: File,
    line: Vec<u8>,
    events: VecDeque<Event>,
    greeting: Value,
    recording: String,
}

/// Something that happened in a process.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its name, such as `MIGRATION`.
    pub name: String,
    /// Its data, or null.
    pub data: Value,
    /// When it happened by the clock of the process, since 1970, to the microsecond.
    pub at: Duration,
}

/// Why a client has no answer.
#[derive(Debug, Error)]
pub enum Error {
    /// The process refused a command.
    #[error("the {name} host refused `{command}`: {desc}")]
    Refused {
        /// The name of the process.
        name: String,
        /// The command.
        command: String,
        /// The class of the error, for programs.
        class: String,
        /// The description of the error, for people.
        desc: String,
    },
    /// The connection is closed.
    #[error("the {0} host hung up")]
    HungUp(String),
    /// Nothing came within [`PATIENCE`].
    #[error("the {0} host did not answer within {patience} s", patience = PATIENCE.as_secs())]
    Silent(String),
    /// The process sent something that is not QMP.
    #[error("the {0} host sent `{1}`, which is not QMP")]
    Malformed(String, String),
    /// Reading or writing failed.
    #[error("the connection to the {0} host failed")]
    Io(String, #[source] io::Error),
}

/// What a read came to.
enum Received {
    Value(Value),
    Nothing,
    End,
}

impl Client {
    /// Connects to the process that listens, or is about to, at the Unix socket `path`, and negotiates. `name` is for
    /// messages.
    ///
    /// # Errors
    /// When nobody listens there, or the process hangs up.
    pub fn connect(name: &str, path: &Path) -> Result<Self, Error> {
        let deadline = Instant::now() + PATIENCE;
        let stream = loop {
            match UnixStream::connect(path) {
                Ok(stream) => break stream,
                Err(error) if Instant::now() > deadline => return Err(Error::Io(name.to_owned(), error)),
                Err(_) => thread::sleep(CONNECT_PAUSE),
            }
        };
        let mut client = Self::over(name, stream)?;
        client.execute("qmp_capabilities", json!({}))?;
        Ok(client)
    }

    /// Reads the greeting on a connection, and does not negotiate.
    ///
    /// # Errors
    /// When there is no greeting.
    pub fn over(name: &str, socket: impl Into<OwnedFd>) -> Result<Self, Error> {
        let writing = File::from(socket.into());
        let reading = writing.try_clone().map_err(|error| Error::Io(name.to_owned(), error))?;
        let mut client = Self {
            name: name.to_owned(),
            reading: BufReader::new(reading),
            writing,
            line: Vec::new(),
            events: VecDeque::new(),
            greeting: Value::Null,
            recording: String::new(),
        };
        client.greeting = client.reply()?;
        Ok(client)
    }

    /// Returns what the process sent first.
    pub fn greeting(&self) -> &Value {
        &self.greeting
    }

    /// Returns every line that has crossed the connection, except those of [`send`](Client::send).
    pub fn recording(&self) -> &str {
        &self.recording
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// When the process has hung up.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.writing.write_all(bytes).map_err(|error| Error::Io(self.name.clone(), error))
    }

    /// Executes a command and returns what it returns.
    ///
    /// # Errors
    /// When the process refuses it, hangs up or does not answer.
    pub fn execute(&mut self, command: &str, arguments: Value) -> Result<Value, Error> {
        let request = format!("{}\n", json!({ "execute": command, "arguments": arguments }));
        self.recording += &request;
        self.send(request.as_bytes())?;
        let mut reply = self.reply()?;
        let text = |reply: &Value, member: &str| reply["error"][member].as_str().unwrap_or_default().to_owned();
        match reply.get_mut("return") {
            Some(value) => Ok(value.take()),
            None => Err(Error::Refused {
                name: self.name.clone(),
                command: command.to_owned(),
                class: text(&reply, "class"),
                desc: text(&reply, "desc"),
            }),
        }
    }

    /// Returns the next reply, and keeps the events that come before it.
    ///
    /// # Errors
    /// When the process hangs up or does not answer.
    pub fn reply(&mut self) -> Result<Value, Error> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.receive(deadline)? {
                Received::Value(value) => match event(&value) {
                    Some(event) => self.events.push_back(event),
                    None => return Ok(value),
                },
                Received::Nothing => return Err(Error::Silent(self.name.clone())),
                Received::End => return Err(Error::HungUp(self.name.clone())),
            }
        }
    }

    /// Returns the next event, waiting for it no longer than [`PATIENCE`].
    ///
    /// # Errors
    /// When the process hangs up, or nothing comes.
    pub fn event(&mut self) -> Result<Event, Error> {
        let name = self.name.clone();
        next_event(&mut [self], PATIENCE)?.map(|(_, event)| event).ok_or(Error::Silent(name))
    }

    /// Switches a migration capability on.
    ///
    /// # Errors
    /// As [`execute`](Client::execute).
    pub fn capability(&mut self, name: &str) -> Result<(), Error> {
        let on = json!([{ "capability": name, "state": true }]);
        self.execute("migrate-set-capabilities", json!({ "capabilities": on })).map(drop)
    }

    /// Takes an event that is here already.
    fn take_event(&mut self) -> Result<Option<Event>, Error> {
        if let Some(event) = self.events.pop_front() {
            return Ok(Some(event));
        }
        match self.receive(Instant::now())? {
            Received::Value(value) => match event(&value) {
                Some(event) => Ok(Some(event)),
                None => Err(Error::Malformed(self.name.clone(), value.to_string())),
            },
            Received::Nothing => Ok(None),
            Received::End => Err(Error::HungUp(self.name.clone())),
        }
    }

    fn receive(&mut self, deadline: Instant) -> Result<Received, Error> {
        let failed = |error| Error::Io(self.name.clone(), error);
        loop {
            if self.reading.buffer().is_empty() && !wait(&[self.reading.get_ref()], deadline).map_err(failed)? {
                return Ok(Received::Nothing);
            }
            let available = match self.reading.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => &[],
                Err(error) => return Err(failed(error)),
            };
            if available.is_empty() {
                return Ok(Received::End);
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let count = end.map_or(available.len(), |at| at + 1);
            self.line.extend_from_slice(&available[..count]);
            self.reading.consume(count);
            if end.is_some() {
                let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
                self.recording += &line;
                let value = serde_json::from_str(&line);
                return value.map(Received::Value).map_err(|_| Error::Malformed(self.name.clone(), line));
            }
        }
    }
}

impl Event {
    /// Returns its name, with the status if it carries one: `MIGRATION completed`.
    pub fn label(&self) -> String {
        match self.data["status"].as_str() {
            Some(status) => format!("{} {status}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Returns the next event of any of several clients, with the index of the client; `None` if none comes within `limit`.
///
/// # Errors
/// When one of the processes hangs up.
pub fn next_event(clients: &mut [&mut Client], limit: Duration) -> Result<Option<(usize, Event)>, Error> {
    let deadline = Instant::now() + limit;
    loop {
        for (index, client) in clients.iter_mut().enumerate() {
            if let Some(event) = client.take_event()? {
                return Ok(Some((index, event)));
            }
        }
        let files: Vec<&File> = clients.iter().map(|client| client.reading.get_ref()).collect();
        let names = || clients.iter().map(|client| client.name.as_str()).collect::<Vec<_>>().join(", ");
        if !wait(&files, deadline).map_err(|error| Error::Io(names(), error))? {
            return Ok(None);
        }
    }
}

/// Waits until something can be read from one of the files, and returns whether it came before the deadline.
fn wait(files: &[&File], deadline: Instant) -> io::Result<bool> {
    let mut fds: Vec<PollFd<'_>> = files.iter().map(|file| PollFd::new(*file, PollFlags::IN)).collect();
    let left = deadline.saturating_duration_since(Instant::now());
    let left = Timespec::try_from(left).map_err(io::Error::other)?;
    Ok(poll(&mut fds, Some(&left))? > 0)
}

fn event(value: &Value) -> Option<Event> {
    let number = |member: &str| value["timestamp"][member].as_u64().unwrap_or_default();
    let at = Duration::from_secs(number("seconds")) + Duration::from_micros(number("microseconds"));
    Some(Event { name: value["event"].as_str()?.to_owned(), data: value["data"].clone(), at })
}
