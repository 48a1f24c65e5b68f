//! Texts that are recognised and cannot be read: each is named, with what can be read in its place.

use super::definition::{Format, Read, Taken};
use super::memory::Memory;
use crate::log::line::Origin;
use crate::names::Names;

pub(super) const FORMAT: Format = Format {
    name: "what cannot be read",
    doc: "files that are packed or binary, and reports without single changes of the status",
    sample: "\u{1f}\u{8b}\u{8}\n",
    read: Read::Record(read),
};

/// How the first line begins, and what to do.
const FILES: &[(&str, &str)] = &[
    ("\u{1f}\u{fffd}", "the file is packed by gzip: unpack it first, for example with `zcat`"),
    ("\u{1f}\u{8b}", "the file is packed by gzip: unpack it first, for example with `zcat`"),
    ("\u{fffd}7zXZ", "the file is packed by xz: unpack it first, for example with `xzcat`"),
    ("(\u{fffd}/\u{fffd}", "the file is packed by zstd: unpack it first, for example with `zstdcat`"),
    ("BZh", "the file is packed by bzip2: unpack it first, for example with `bzcat`"),
    ("PK\u{3}\u{4}", "the file is a ZIP archive: unpack it first"),
    ("LPKSHHRH", "the file is a journal: print it first, with `journalctl --file FILE --output json`"),
    (
        "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}",
        "the file is a binary trace: print it first, with `simpletrace.py`",
    ),
];

const WIDE: &str = "the text is UTF-16: of its characters, those of ASCII are read";

/// How a line begins, and what to do.
const LINES: &[(&str, &str)] = &[
    ("Job type:", "`virsh domjobinfo` shows figures and no status: record `virsh qemu-monitor-event --loop`"),
    (
        "Migration: [",
        "`virsh migrate --verbose` shows a percentage and no status: record \
                      `virsh qemu-monitor-event --loop`",
    ),
];

/// What stands within a line of a log, and what to do.
const WITHIN: &[(&str, &str)] =
    &[("Migration Progress: ", "the log of vdsm shows how far a migration is and no status: give the log of libvirt")];

/// Why a file that begins like this cannot be read, if it is known.
pub(in crate::log) fn file(first_line: &str) -> Option<&'static str> {
    let known = FILES.iter().find(|(start, _)| first_line.starts_with(start)).map(|(_, why)| *why);
    known.or_else(|| is_wide(first_line).then_some(WIDE))
}

/// Whether every other byte of the beginning is zero.
pub(in crate::log) fn is_wide(first_line: &str) -> bool {
    let text = first_line.trim_start_matches('\u{fffd}').as_bytes();
    let zeros = |from: usize| text.len() > 7 && (from..8).step_by(2).all(|at| text[at] == 0 && text[at ^ 1] != 0);
    zeros(0) || zeros(1)
}

fn read(_: &mut Memory, line: &str, _: &mut Origin, _: &Names) -> Taken {
    let known = LINES.iter().find(|(start, _)| line.trim_start().starts_with(start));
    let known = known.or_else(|| WITHIN.iter().find(|(text, _)| line.contains(text)));
    known.map_or(Taken::No, |(_, why)| Taken::Unreadable(why))
}
