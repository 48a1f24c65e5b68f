//! Logs of libvirt, at level `info` or `debug`: `mon=` tells the guests apart.
//!
//! A command is logged when it is queued and when it is written, with one id. At level `debug` a message from QEMU is
//! logged when it arrives (`QEMU_MONITOR_IO_PROCESS`), as a line without `mon=`, and when it is understood.

use super::definition::{Format, Read, Taken};
use super::memory::{Libvirt, Memory};
use crate::log::line::{Holds, Message, Origin};
use crate::log::text::{is_number, value_of};
use crate::log::time;
use crate::names::Names;

pub(super) const FORMAT: Format = Format {
    name: "libvirt log",
    doc: "`libvirtd.log`, `virtqemud.log` and what the journal has of them, of level `info` or `debug`; each `mon=` is a \
          process of its own",
    sample: "2022-03-07 10:47:07.328+0000: 134386: info : qemuMonitorJSONIOProcessLine:235 : QEMU_MONITOR_RECV_EVENT: \
             mon=0x7fa4380028a0 event={\"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}\n",
    read: Read::Record(read),
};

/// Before a message.
const MONITOR: &str = "QEMU_MONITOR_";
/// Before a message without the name of its monitor.
const LINE: &str = "Line [";
/// libvirt's own line on a status.
const CHANGED: &str = "Migration of domain";
const TO: &str = " changed state to ";
/// The longest record that goes on in the next line before it comes to its message, in bytes.
const WRAPPED_BYTES_MAX: usize = 400;
/// How many threads and monitors are remembered.
const REMEMBERED_MAX: usize = 4096;

/// Whether messages are told with the names of their monitors, so that the lines without are copies.
pub(in crate::log) fn names_monitors(memory: &Memory) -> bool {
    memory.libvirt.names_monitors
}

/// Whether a line begins as a record does.
pub(super) fn is_record(line: &str) -> bool {
    header(line).is_some()
}

/// Whether the next line goes on with a record.
pub(super) fn is_unfinished(memory: &Memory) -> bool {
    !memory.libvirt.unfinished.is_empty()
}

fn read(memory: &mut Memory, line: &str, origin: &mut Origin, _: &Names) -> Taken {
    let state = &mut memory.libvirt;
    if let Some((time, thread)) = header(line) {
        (state.time, state.thread) = (Some(time), format!("{} {thread}", origin.host));
        state.unfinished.clear();
        origin.is_record = true;
    } else if line.contains(MONITOR) {
        // In the journal the time and the thread are in what was taken off.
        (state.time, state.thread) = (origin.time, origin.thread.clone());
        state.unfinished.clear();
        origin.is_record = true;
    } else if state.unfinished.is_empty() && !line.contains(LINE) && !line.contains(CHANGED) {
        return Taken::No;
    }
    let mut place = Origin { thread: state.thread.clone(), time: state.time.or(origin.time), ..origin.clone() };
    if place.thread.is_empty() {
        place.thread.clone_from(&origin.thread);
    }
    let taken = text(state, line, &mut place);
    if !matches!(taken, Taken::No) || origin.is_record {
        place.is_record = origin.is_record;
        *origin = place;
    }
    taken
}

/// The text of a record; a line that was wrapped goes on where the last one ended.
fn text(state: &mut Libvirt, line: &str, origin: &mut Origin) -> Taken {
    let whole = if state.unfinished.is_empty() { line.to_owned() } else { format!("{} {line}", state.unfinished) };
    state.unfinished.clear();
    if let Some((_, text)) = whole.split_once(MONITOR) {
        return message(state, &whole, text, line, origin);
    }
    if let Some(at) = line.find(LINE).filter(|at| line[at + LINE.len()..].starts_with('{')) {
        if state.names_monitors {
            return Taken::Said(Vec::new());
        }
        origin.process = state.served.get(&origin.thread).cloned().unwrap_or_default();
        return Taken::Object(at + LINE.len(), Holds::Copy);
    }
    if let Some((_, text)) = whole.split_once(CHANGED) {
        let Some((domain, status)) = text.split_once(TO) else {
            state.unfinished = whole;
            return Taken::Said(Vec::new());
        };
        origin.process = domain.split(' ').next_back().unwrap_or(domain).to_owned();
        // What stands behind it belongs to whatever the line was taken from.
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let status = status.split(|c| !is_part(c)).next().unwrap_or_default().to_owned();
        return Taken::Said(vec![Message::Changed { status }]);
    }
    let is_wrapped = whole.trim_end().ends_with(" :") || whole.contains("HandleMigrationStatus");
    if is_wrapped && whole.len() < WRAPPED_BYTES_MAX {
        state.unfinished = whole;
    }
    if origin.is_record { Taken::Said(Vec::new()) } else { Taken::No }
}

/// `NAME: mon=ADDRESS KEY={...}`.
fn message(state: &mut Libvirt, whole: &str, text: &str, line: &str, origin: &mut Origin) -> Taken {
    let Some(address) = value_of(text, "mon=") else {
        state.unfinished = whole.to_owned();
        return Taken::Said(Vec::new());
    };
    if text.starts_with("CLOSE") {
        if state.closed.len() < REMEMBERED_MAX {
            *state.closed.entry((origin.host.clone(), address.to_owned())).or_default() += 1;
        }
        return Taken::Said(Vec::new());
    }
    serve(state, address, origin);
    let Some(at) = line.find('{') else {
        // Other points have no message.
        if !text.contains("errno=") && !text.contains("refs=") {
            state.unfinished = whole.to_owned();
        }
        return Taken::Said(Vec::new());
    };
    let is_buffer = text.starts_with("IO_PROCESS");
    if is_buffer && state.names_monitors {
        return Taken::Said(Vec::new());
    }
    state.names_monitors |= text.starts_with("RECV") || is_buffer;
    Taken::Object(at, Holds::Message)
}

/// The record is about this monitor.
fn serve(state: &mut Libvirt, address: &str, origin: &mut Origin) {
    origin.process = match state.closed.get(&(origin.host.clone(), address.to_owned())) {
        None => format!("mon={address}"),
        Some(times) => format!("mon={address} ({})", times + 1),
    };
    if state.served.len() < REMEMBERED_MAX {
        state.served.insert(origin.thread.clone(), origin.process.clone());
    }
}

/// `2022-03-07 10:47:07.326+0000: 134391: `: the time and the thread.
fn header(line: &str) -> Option<(f64, &str)> {
    let mut parts = line.splitn(3, ": ");
    let (time, thread, _) = (parts.next()?, parts.next()?, parts.next()?);
    if time.len() < "2022-03-07 10:47:07".len() || !is_number(thread) {
        return None;
    }
    Some((time::date(time)?, thread))
}
