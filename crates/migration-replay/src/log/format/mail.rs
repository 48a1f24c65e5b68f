//! Quoted mail: `> ` before every line, once for every answer. How the text is written on its way is decoded before.

use std::borrow::Cow;

use super::definition::{Format, Read};
use super::memory::Memory;
use crate::log::line::Origin;

pub(super) const FORMAT: Format = Format {
    name: "quoted mail",
    doc: "any of the others, with `> ` before each line; lines may be wrapped, and written as quoted-printable where a \
          header says so",
    sample: "> {\"event\": \"MIGRATION\", \"data\":\n> {\"status\": \"setup\"}}\n",
    read: Read::Envelope(read),
};

fn read<'l>(_: &mut Memory, line: &'l str, _: &mut Origin) -> Option<Cow<'l, str>> {
    let mut rest = line.trim_start();
    let mut is_quoted = false;
    while let Some(next) = rest.strip_prefix('>') {
        is_quoted = true;
        rest = next.strip_prefix(' ').unwrap_or(next);
    }
    is_quoted.then_some(Cow::Borrowed(rest))
}
