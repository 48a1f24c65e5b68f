//! `virsh qemu-monitor-command`: a command as JSON, and the reply to it in the lines that follow.

use std::borrow::Cow;

use super::definition::{Format, Read};
use super::memory::Memory;
use crate::log::line::Origin;

pub(super) const FORMAT: Format = Format {
    name: "virsh qemu-monitor-command",
    doc: "with and without `--pretty`; each domain is a process of its own",
    sample: "# virsh qemu-monitor-command vm1 '{\"execute\": \"query-migrate\"}'\n\
             {\"return\":{\"status\":\"setup\"},\"id\":\"libvirt-26\"}\n",
    read: Read::Envelope(read),
};

/// How `virsh` passes a command on.
const VIRSH: &str = "qemu-monitor-command ";

/// The domain that a command was passed on to last, or the side that a heading has named since.
pub(in crate::log) fn place(memory: &Memory) -> &str {
    &memory.place
}

fn read<'l>(memory: &mut Memory, line: &'l str, origin: &mut Origin) -> Option<Cow<'l, str>> {
    let (_, rest) = line.split_once(VIRSH)?;
    let at = rest.find('{')?;
    let mut words = rest[..at].split_whitespace();
    // A line for the human monitor may hold an object, too.
    if words.clone().any(|word| word == "--hmp") {
        return None;
    }
    let domain = words.find(|word| !word.starts_with("--"))?;
    domain.trim_matches(['"', '\'']).clone_into(&mut memory.place);
    origin.process.clone_from(&memory.place);
    Some(Cow::Borrowed(&rest[at..]))
}
