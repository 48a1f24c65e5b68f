//! Lines of pairs, `level=info msg="..."`, with the message as a text in quotes.

use std::borrow::Cow;

use super::definition::{Format, Read};
use super::memory::Memory;
use crate::log::line::Origin;
use crate::log::text::value_of;
use crate::log::time;

pub(super) const FORMAT: Format = Format {
    name: "logfmt",
    doc: "lines of pairs as kata-runtime and many programs in Go write them: the message is in `msg`",
    sample: "time=\"2021-10-05T08:00:00.1Z\" level=debug msg=\"{\\\"execute\\\":\\\"query-migrate\\\"}\" subsystem=qmp\n",
    read: Read::Envelope(read),
};

/// The pairs that hold the text of a line.
const KEYS: &[&str] = &["msg", "message", "MESSAGE"];
/// Between a key and a text.
const MARK: &str = "=\"";

fn read<'l>(_: &mut Memory, line: &'l str, origin: &mut Origin) -> Option<Cow<'l, str>> {
    if !line.contains('=') {
        return None;
    }
    let is_key = |at: &usize| KEYS.contains(&line[..*at].rsplit(' ').next().unwrap_or_default());
    let start = line.match_indices(MARK).map(|(at, _)| at).find(is_key)? + MARK.len();
    // An object before it is a message with such a text in it, and not a line of pairs.
    if line[..start].contains('{') {
        return None;
    }
    origin.time = line.find("time=\"").and_then(|at| value_of(&line[at..], "time=\"")).and_then(time::date);
    origin.thread = value_of(line, "pid=").unwrap_or_default().to_owned();
    let text = &line[start - 1..];
    // The text is written as JSON writes texts.
    let mut texts = serde_json::Deserializer::from_str(text).into_iter::<String>();
    texts.next()?.ok().map(Cow::Owned)
}
