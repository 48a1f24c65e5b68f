//! Unified diffs, as QEMU's own tests write them where a log is not what was expected: `-` before lines that were
//! expected and did not come, `+` before those that came instead, and a space before the others.
//!
//! What happened is the new side: lines with `+` and those with a space.

use std::borrow::Cow;

use super::definition::{Format, Read};
use super::memory::Memory;
use crate::log::line::Origin;

pub(super) const FORMAT: Format = Format {
    name: "unified diff",
    doc: "any of the others as the new side of a diff, as in reports on QEMU's iotests: lines with `-` are not read",
    sample: "@@ -1,2 +1,2 @@\n \
             {\"execute\": \"query-migrate\"}\n\
             -{\"return\": {\"status\": \"active\"}}\n\
             +{\"return\": {\"status\": \"completed\"}}\n",
    read: Read::Envelope(read),
};

/// Around the places of a piece.
const MARK: &str = "@@";

/// What a reader of the verdict should know, and the line in which the first diff began.
pub(in crate::log) fn note(memory: &Memory) -> Option<(usize, &'static str)> {
    memory.diff.first_line.map(|line| (line, "this is a diff: lines with `-` did not come and are not read"))
}

fn read<'l>(memory: &mut Memory, line: &'l str, origin: &mut Origin) -> Option<Cow<'l, str>> {
    if origin.is_in_object {
        return None;
    }
    let state = &mut memory.diff;
    if line.starts_with(MARK)
        && let Some(lengths) = lengths(line)
    {
        state.first_line.get_or_insert(origin.line);
        (state.old, state.new) = lengths;
        return Some(Cow::Borrowed(""));
    }
    if state.old + state.new == 0 {
        return None;
    }
    let (is_old, is_new, text) = match line.as_bytes().first() {
        Some(b'-') => (true, false, ""),
        Some(b'+') => (false, true, &line[1..]),
        Some(b'\\') => (false, false, ""),
        Some(b' ') => (true, true, &line[1..]),
        // Editors and mail take away the space of a line that has nothing else, or of all lines.
        Some(_) | None => (true, true, line),
    };
    state.old = state.old.saturating_sub(usize::from(is_old));
    state.new = state.new.saturating_sub(usize::from(is_new));
    Some(Cow::Borrowed(text))
}

/// `@@ -12,3 +14,5 @@`: how many lines of the old and of the new side follow. One line is not counted.
fn lengths(line: &str) -> Option<(usize, usize)> {
    let mut words = line.split(' ');
    let is_mark = |word: Option<&str>| word == Some(MARK);
    let length = |word: &str| match word.split_once(',') {
        Some((_, length)) => length.parse().ok(),
        None => Some(1),
    };
    let first = is_mark(words.next());
    let old = length(words.next()?.strip_prefix('-')?)?;
    let new = length(words.next()?.strip_prefix('+')?)?;
    (first && is_mark(words.next())).then_some((old, new))
}
