//! Reports with one log for each side: a heading such as `On the destination:` says of which one the lines after it are.

use std::borrow::Cow;

use super::definition::{Format, Read};
use super::memory::Memory;
use crate::log::line::Origin;

pub(super) const FORMAT: Format = Format {
    name: "report on two sides",
    doc: "any of the others under headings such as `Source:`, `On dst host:` or `## Destination`: each side is a process \
          of its own, unless its lines say which process they are of",
    sample: "Source:\n{\"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}\n\
             Destination:\n{\"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}\n",
    read: Read::Envelope(read),
};

/// What a side is called.
const SIDES: &[&str] = &["source", "src", "destination", "dest", "dst", "target"];
/// What else may stand in a heading: in any other line with the name of a side, people tell what happened.
const FILLERS: &[&str] = &[
    "a",
    "at",
    "console",
    "end",
    "events",
    "for",
    "from",
    "guest",
    "hmp",
    "host",
    "in",
    "kvm",
    "libvirt",
    "libvirtd",
    "log",
    "logs",
    "machine",
    "migration",
    "monitor",
    "new",
    "node",
    "of",
    "old",
    "on",
    "output",
    "qemu",
    "qmp",
    "server",
    "session",
    "side",
    "the",
    "trace",
    "traces",
    "vm",
];
/// The longest heading, in bytes.
const HEADING_BYTES_MAX: usize = 60;
/// How a heading begins that has no colon at its end.
const MARKS: &[char] = &['#', '=', '*'];

fn read<'l>(memory: &mut Memory, line: &'l str, origin: &mut Origin) -> Option<Cow<'l, str>> {
    if !origin.is_in_object
        && let Some(side) = side(line)
    {
        memory.place = side;
    }
    None
}

/// The side that a heading names.
fn side(line: &str) -> Option<String> {
    let text = line.trim().trim_end_matches(['*', '=', '#', ' ']);
    // What is indented is a member of something, for example of a text in YAML.
    if line.starts_with(char::is_whitespace)
        || text.len() > HEADING_BYTES_MAX
        || !(text.ends_with(':') || text.starts_with(MARKS))
    {
        return None;
    }
    let text = text.to_lowercase();
    let mut sides = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if SIDES.contains(&word) {
            sides.push(word);
        } else if !FILLERS.contains(&word) && !word.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
    }
    match sides[..] {
        [side] => Some(side.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_names_one_side_and_says_nothing() {
        for (line, expected) in [
            ("Source:", Some("source")),
            ("2. On dst host:\n", Some("dst")),
            ("## Destination (QEMU 9.2)", Some("destination")),
            ("**src qmp:**", Some("src")),
            ("=== target ===", Some("target")),
            ("Source VM hangs after this:", None),
            ("From source to destination:", None),
            ("source", None),
            ("  source:", None),
            ("# virsh migrate --live", None),
            ("Error on the source: reset by peer:", None),
        ] {
            assert_eq!(side(line).as_deref(), expected, "{line}");
        }
    }
}
