//! The formats in which recordings come: one file each, with a sample, and one line here.
//!
//! A line is taken out of its envelopes first: what a mail, a container or the system log has put around it. What is
//! left is a record of some program's log, or has objects in it; and an object is a message, or an envelope again.

mod container;
mod definition;
mod diff;
mod escaped;
mod heading;
mod hmp;
mod host;
mod json;
mod libvirt;
mod logfmt;
mod mail;
mod memory;
mod passed;
mod raw;
mod shell;
mod syslog;
mod task;
mod trace;
mod unreadable;
mod virsh;
mod words;
mod wrapped;

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::line::{BadObject, Message, Origin};
use crate::names::Names;
use definition::{Read, Told};

pub use definition::Format;
pub(super) use definition::Taken;
pub(super) use diff::note as note_on_diff;
pub(super) use escaped::may_begin as may_be_escaped;
pub(super) use hmp::{command as human_command, finish as human_end, line_of, status as human_status};
pub(super) use json::texts;
pub(super) use libvirt::names_monitors;
pub(super) use memory::Memory;
pub(super) use passed::place;
pub(super) use shell::is_echo;
pub(super) use unreadable::{file as unreadable_file, is_wide};

/// Every format, in the order in which a line is tried.
pub(super) const FORMATS: &[&Format] = &[
    &mail::FORMAT,
    &diff::FORMAT,
    &heading::FORMAT,
    &container::FORMAT,
    &syslog::FORMAT,
    &logfmt::FORMAT,
    &escaped::FORMAT,
    &passed::FORMAT,
    &libvirt::FORMAT,
    &virsh::FORMAT,
    &trace::FORMAT,
    &hmp::FORMAT,
    &shell::FORMAT,
    &task::FORMAT,
    &unreadable::FORMAT,
    &wrapped::FORMAT,
    &host::FORMAT,
    &raw::FORMAT,
    &json::FORMAT,
];

/// What stands before the object of a record.
const MARKS: &[&str] = &[
    "QEMU_MONITOR_",
    "Line [",
    "Migration of domain",
    " for domain ",
    "migrate_set_state",
    "qmp_",
    "(qemu)",
    "(QEMU)",
    "--hmp",
];

fn may_be_record(line: &str) -> bool {
    words::has_record(line) || libvirt::is_record(line)
}

/// Whether a line that is one object may be a message, or hold one: most lines of some logs do not, and need not be read.
pub(super) fn may_be_message(memory: &Memory, object: &str) -> bool {
    memory.goes_on() || words::has_record_or_message(&object[1..])
}

/// Takes a line out of its envelopes.
pub(super) fn unwrapped<'l>(memory: &mut Memory, line: &'l str, origin: &mut Origin) -> Cow<'l, str> {
    let mut text = Cow::Borrowed(line);
    for format in FORMATS {
        let Read::Envelope(read) = format.read else { continue };
        text = match text {
            Cow::Borrowed(text) => read(memory, text, origin).unwrap_or(Cow::Borrowed(text)),
            Cow::Owned(text) => Cow::Owned(read(memory, &text, origin).map(Cow::into_owned).unwrap_or(text)),
        };
    }
    text
}

/// Reads a line; `None` if it is of no format.
pub(super) fn record(memory: &mut Memory, line: &str, origin: &mut Origin, names: &Names) -> Option<Taken> {
    // An object may have the text of a record in it, which is then read as a text.
    if let Some(brace) = line.find("{\"")
        && !libvirt::is_unfinished(memory)
        && !MARKS.iter().any(|mark| line[..brace].contains(mark))
        && !libvirt::is_record(&line[..brace])
    {
        return None;
    }
    if !memory.goes_on() && !may_be_record(line) {
        return None;
    }
    FORMATS.iter().find_map(|format| {
        let Read::Record(read) = format.read else { return None };
        match read(memory, line, origin, names) {
            Taken::No => None,
            taken @ (Taken::Said(_) | Taken::Object(..) | Taken::Unreadable(_)) => Some(taken),
        }
    })
}

/// Reads an object; `None` if it is no message.
pub(super) fn object(
    object: &mut Map<String, Value>,
    names: &Names,
    origin: &mut Origin,
) -> Option<Result<Vec<Message>, BadObject>> {
    let mut inner = None;
    for format in FORMATS {
        let Read::Object(read) = format.read else { continue };
        match read(object, names, origin) {
            Told::No => {}
            Told::Said(said) => return Some(said),
            Told::Holds(object) => inner = Some(object),
        }
    }
    self::object(&mut inner?, names, origin)
}
