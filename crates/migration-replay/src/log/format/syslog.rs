//! What the system log puts before a line: `Jul 11 22:10:58 HOST PROGRAM[PID]: `, with the time in several forms.

use std::borrow::Cow;

use super::definition::{Format, Read};
use super::memory::Memory;
use crate::log::line::Origin;
use crate::log::text::is_number;
use crate::log::time;

pub(super) const FORMAT: Format = Format {
    name: "system log",
    doc: "lines as `journalctl` and `syslog` write them, in any of their forms of the time",
    sample: "Jul 11 22:10:58 compute-0 virtqemud[129507]: QEMU_MONITOR_RECV_EVENT: mon=0x7f91e00095d0 \
             event={\"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}\n",
    read: Read::Envelope(read),
};

/// How many words may stand before the name of the program.
const WORDS_MAX: usize = 6;

fn read<'l>(_: &mut Memory, line: &'l str, origin: &mut Origin) -> Option<Cow<'l, str>> {
    // A message may begin with anything, so the time must be there.
    if !line.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[' || c == '<') || line.starts_with("[pod/") {
        return None;
    }
    let (mut at, mut start) = (0, 0);
    for word in line.split(' ').take(WORDS_MAX) {
        let end = start + word.len();
        if let Some((program, pid)) = program(word)
            && at >= 1
        {
            origin.thread = pid.to_owned();
            if program.starts_with("qemu") {
                origin.process = format!("{program}[{pid}]");
            }
            // Forms without the year say nothing that other clocks could be held against.
            origin.time = line[..start].split(' ').find_map(time::date).or(origin.time);
            return Some(Cow::Borrowed(line[end..].strip_prefix(' ').unwrap_or(&line[end..])));
        }
        if word.contains('{') {
            return None;
        }
        at += usize::from(!word.is_empty());
        start = end + 1;
    }
    None
}

/// `PROGRAM[PID]:`.
fn program(word: &str) -> Option<(&str, &str)> {
    let (program, pid) = word.strip_suffix("]:")?.split_once('[')?;
    (!program.is_empty() && is_number(pid)).then_some((program, pid))
}
