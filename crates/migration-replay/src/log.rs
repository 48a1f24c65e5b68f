//! Recordings as text: what they say, in formats that may even be mixed.
//!
//! Each format has a reader in a file of its own: see [`formats`]. Lines and objects that are no messages are passed
//! over and counted. A recording may end in the middle of an object; a message in its middle that makes no sense is
//! reported.

mod decode;
mod format;
mod line;
mod object;
mod packed;
mod python;
mod scan;
mod seen;
mod session;
mod socat;
mod sparse;
mod teller;
mod terminal;
mod text;
mod time;
mod transfer;

use migration_table::model::Table;
use serde_json::Value;

use super::names::Names;
use format::{Memory, Taken};
use line::{BadObject, Holds, Message, Origin};
use scan::{Found, Scanner};
use seen::Out;
use socat::{Socat, Way};
use teller::Teller;
use transfer::{Decoded, Transfer};

pub use format::Format;
pub use seen::{BadLine, Seen};
pub use text::printable;
pub(crate) use text::short;

/// How deep envelopes are in each other at most.
const DEPTH_MAX: usize = 4;
/// How many messages without the name of their process are kept until it is known.
const COPIES_MAX: usize = 32;

/// Returns every format that is read.
pub fn formats() -> impl Iterator<Item = &'static Format> {
    format::FORMATS.iter().copied()
}

/// Reads a recording, line by line.
#[derive(Clone, Debug)]
pub struct Log {
    teller: Teller,
    /// How many lines were read, and how many lines and objects were passed over.
    lines: usize,
    passed_over: usize,
    /// How many messages were read, whether or not they mean anything.
    messages: usize,
    /// Whether something is of a kind that is known and cannot be read: a note says which.
    is_unreadable: bool,
    transfer: Transfer,
    socat: Socat,
    /// One for each way: their pieces may be mixed.
    forth: Scanner,
    back: Scanner,
    memory: Memory,
    /// Messages that are told again with the names of their processes, if the log does that.
    copies: Vec<Found>,
}

impl Default for Log {
    /// A log of a process whose statuses have the names of QEMU's migration.
    fn default() -> Log {
        Log::with(Names::default())
    }
}

impl Log {
    /// A log of processes that this table is about.
    #[must_use]
    pub fn new(table: &Table) -> Log {
        Log::with(Names::of(table))
    }

    fn with(names: Names) -> Log {
        Log {
            teller: Teller::new(names),
            lines: 0,
            passed_over: 0,
            messages: 0,
            is_unreadable: false,
            transfer: Transfer::default(),
            socat: Socat::default(),
            forth: Scanner::default(),
            back: Scanner::default(),
            memory: Memory::default(),
            copies: Vec::new(),
        }
    }

    /// Takes in the next line; its end may be there or not. What it completes, in order.
    pub fn read(&mut self, line: &str) -> Out {
        self.lines += 1;
        if self.lines == 1
            && let Some(why) = format::unreadable_file(line)
        {
            self.teller.note(1, why.to_owned());
            self.is_unreadable |= !format::is_wide(line);
        }
        let mut out = Out::new();
        if let Some(text) = self.transfer.over(line) {
            self.lines_in(&text, false, &mut out);
        }
        match self.transfer.line(line) {
            Decoded::Text(text) => self.lines_in(&text, !line.ends_with('\n'), &mut out),
            Decoded::Begun => {}
            Decoded::Lines(text) => {
                self.teller.note(self.lines, packed::DECODED.to_owned());
                text.split_inclusive('\n').for_each(|line| self.lines_in(line, false, &mut out));
            }
            Decoded::Binary(bytes) => {
                self.passed_over += 1;
                self.is_unreadable = true;
                let why = format::unreadable_file(&String::from_utf8_lossy(&bytes)).unwrap_or(packed::BINARY);
                self.teller.note(self.lines, why.to_owned());
            }
        }
        out
    }

    /// Reads what stands up to a line feed: a return alone ends a line, too. `are_counted` says whether such lines have
    /// numbers of their own: they have where returns are the only ends of lines.
    fn lines_in(&mut self, text: &str, are_counted: bool, out: &mut Out) {
        for (at, line) in terminal::lines(text).enumerate() {
            self.lines += usize::from(are_counted && at > 0);
            self.line(line, out);
        }
    }

    fn line(&mut self, line: &str, out: &mut Out) {
        let shown = terminal::shown(line);
        let Some((way, text)) = self.socat.line(&shown, line.trim_end_matches('\n').ends_with('\r')) else { return };
        let text = text.to_owned();
        let origin = Origin { line: self.lines, ..Origin::default() };
        self.text(&text, origin, way, DEPTH_MAX, out);
    }

    /// What was read and not said yet when the recording ended.
    pub fn flush(&mut self) -> Out {
        let mut out = Out::new();
        if let Some((line, note)) = format::note_on_diff(&self.memory) {
            self.teller.note(line, note.to_owned());
        }
        if let Some(text) = self.transfer.finish() {
            self.lines_in(&text, false, &mut out);
        }
        let copies = std::mem::take(&mut self.copies);
        copies.into_iter().for_each(|found| self.message(found, 0, &mut out));
        if let Some((process, reply)) = format::human_end(&mut self.memory) {
            self.say(&Origin { line: self.lines, process, ..Origin::default() }, reply, false, &mut out);
        }
        out
    }

    /// The line in which something began that did not end before the recording did.
    pub fn finish(&mut self) -> Option<usize> {
        self.forth.finish().into_iter().chain(self.back.finish()).min()
    }

    /// How many lines were read.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// How many lines, and objects within lines, are no messages.
    #[must_use]
    pub fn passed_over(&self) -> usize {
        self.passed_over
    }

    /// How many messages were read, whether or not they mean anything to a table.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.messages
    }

    /// Whether something is of a kind that is known and cannot be read: see [`Log::notes`].
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.is_unreadable
    }

    /// What else a reader of the verdict should know, each with the line where it was noticed first.
    pub fn notes(&self) -> impl Iterator<Item = (usize, &str)> {
        self.teller.notes()
    }

    /// Reads a text that is a line, or stands in an object.
    fn text(&mut self, text: &str, mut origin: Origin, way: Way, depth: usize, out: &mut Out) {
        // What begins with an object is in no envelope: most lines need no more than that look.
        let text = match text.starts_with('{') && !format::may_be_escaped(text) {
            true => std::borrow::Cow::Borrowed(text),
            false => format::unwrapped(&mut self.memory, text, &mut origin),
        };
        let text = text.as_ref();
        if origin.process.is_empty() {
            format::place(&self.memory).clone_into(&mut origin.process);
        }
        let taken = match self.scanner(way).goes_on(text) {
            true => None,
            false => format::record(&mut self.memory, text, &mut origin, &self.teller.names),
        };
        let mut found = Vec::new();
        if taken.is_some() {
            // A record ends whatever had no end before it.
            self.scanner(way).cut(&mut found);
            self.found(std::mem::take(&mut found), depth, out);
        }
        let (at, holds) = match taken {
            None => (0, Holds::Message),
            Some(Taken::Object(at, holds)) => (at, holds),
            Some(Taken::Said(said)) => {
                if said.is_empty() {
                    self.passed_over += usize::from(!text.trim().is_empty());
                }
                for message in said {
                    self.say(&origin, message, false, out);
                }
                return;
            }
            Some(Taken::Unreadable(why)) => {
                self.is_unreadable = true;
                return self.teller.note(origin.line, why.to_owned());
            }
            Some(Taken::No) => return,
        };
        let was_open = self.scanner(way).is_open();
        if !was_open && holds == Holds::Message {
            let is_object = at == 0 && text.starts_with("{\"") && text.ends_with('}');
            if is_object && !format::may_be_message(&self.memory, text) {
                self.passed_over += 1;
                return;
            }
            if let Some(alone) = Found::alone(&text[at..], &origin) {
                return self.found(vec![alone], depth, out);
            }
        }
        self.scanner(way).line(&text[at..], &origin, &holds, &mut found);
        if !was_open && found.is_empty() && !self.scanner(way).is_open() && !text.trim().is_empty() {
            self.passed_over += 1;
        }
        self.found(found, depth, out);
    }

    fn scanner(&mut self, way: Way) -> &mut Scanner {
        match way {
            Way::Forth => &mut self.forth,
            Way::Back => &mut self.back,
        }
    }

    fn found(&mut self, found: Vec<Found>, depth: usize, out: &mut Out) {
        for found in found {
            if found.holds == Holds::Copy && !format::names_monitors(&self.memory) {
                self.copies.push(found);
                if self.copies.len() > COPIES_MAX {
                    self.flush_copies(depth, out);
                }
            } else if found.holds != Holds::Copy {
                self.settle_copies(&found, depth, out);
                self.message(found, depth, out);
            }
        }
    }

    /// A message with the name of its process is told. A copy of it is dropped; what its thread has told before that is
    /// of the same process. Other threads serve other processes, and what comes later may be told with its name yet.
    fn settle_copies(&mut self, found: &Found, depth: usize, out: &mut Out) {
        if self.copies.is_empty() || !found.origin.is_record || !format::names_monitors(&self.memory) {
            return;
        }
        let is_of_thread = |copy: &Found| copy.origin.thread == found.origin.thread;
        let copies = std::mem::take(&mut self.copies);
        let is_copy = |copy: &Found| is_of_thread(copy) && copy.text == found.text;
        let at = copies.iter().position(is_copy).unwrap_or(copies.len());
        for (number, mut copy) in copies.into_iter().enumerate() {
            if number > at || (number < at && !is_of_thread(&copy)) {
                self.copies.push(copy);
            } else if number < at {
                copy.origin.process.clone_from(&found.origin.process);
                self.message(copy, depth, out);
            }
        }
    }

    fn flush_copies(&mut self, depth: usize, out: &mut Out) {
        for copy in std::mem::take(&mut self.copies) {
            self.message(copy, depth, out);
        }
    }

    /// Reads an object.
    fn message(&mut self, found: Found, depth: usize, out: &mut Out) {
        let Found { mut origin, holds, text, is_whole, read } = found;
        let read = match read {
            Some(object) => Ok((object, false)),
            None if is_whole => object::object(&text),
            None => Err(object::without_end(&text)),
        };
        let (mut object, is_python) = match read {
            Ok(read) => read,
            Err(bad) => match object::salvaged(&text).filter(|_| origin.is_record) {
                // Logs cut long records off. What is left may be enough.
                Some(object) => (object, false),
                None => return self.bad(origin.line, bad, out),
            },
        };
        let line = origin.line;
        match holds {
            Holds::Data { event } => {
                let data = Value::Object(object);
                self.say(&origin, Message::Event { name: event, data, stamp: None, is_late: false }, false, out);
            }
            Holds::Arguments { command } => {
                let arguments = Value::Object(object);
                let message = Message::Command { name: command, arguments, out_of_band: false, tag: None };
                self.say(&origin, message, true, out);
            }
            Holds::Message | Holds::Copy => match format::object(&mut object, &self.teller.names, &mut origin) {
                Some(Ok(said)) => {
                    for mut message in said {
                        if let Message::Event { is_late, .. } = &mut message {
                            *is_late = is_python;
                        }
                        self.say(&origin, message, false, out);
                    }
                }
                Some(Err(bad)) => self.bad(line, bad, out),
                None => self.texts(&object, origin, depth, out),
            },
        }
    }

    /// Reads the texts in an object that is no message.
    fn texts(&mut self, object: &serde_json::Map<String, Value>, mut origin: Origin, depth: usize, out: &mut Out) {
        if depth > 0 {
            origin.is_in_object = true;
            let (passed_over, said) = (self.passed_over, out.len());
            for text in format::texts(object, &mut origin) {
                for line in text.split('\n').flat_map(terminal::lines) {
                    let shown = terminal::shown(line).into_owned();
                    self.text(&shown, origin.clone(), Way::Forth, depth - 1, out);
                }
                let mut found = Vec::new();
                self.forth.cut(&mut found);
                self.found(found, depth - 1, out);
            }
            self.passed_over = passed_over + usize::from(out.len() == said);
        }
    }

    fn bad(&mut self, line: usize, bad: BadObject, out: &mut Out) {
        if bad.is_message {
            out.push(Err(BadLine { line, why: bad.why }));
        } else {
            self.passed_over += 1;
        }
    }

    fn say(&mut self, origin: &Origin, message: Message, is_entered: bool, out: &mut Out) {
        if format::is_echo(&mut self.memory, &message) {
            return;
        }
        self.messages += 1;
        let origin = origin.named();
        if let Err(bad) = self.teller.say(&origin, message, is_entered, out) {
            self.bad(origin.line, bad, out);
        }
    }
}
