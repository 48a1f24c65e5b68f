//! Lines in which something else has been put for each quote: a page of HTML, a table of values, a text of a program, or
//! a mail whose quotes were made pretty.

use std::borrow::Cow;

use super::definition::{Format, Read};
use super::memory::Memory;
use crate::log::line::Origin;

pub(super) const FORMAT: Format = Format {
    name: "escaped text",
    doc: "any of the others, with `&quot;` as HTML has it, `\"\"` as tables of values (CSV) have it, `\\\"` or `\u{201c}` \
          for each quote",
    sample: "<pre>{&quot;event&quot;: &quot;MIGRATION&quot;, &quot;data&quot;: {&quot;status&quot;: &quot;setup&quot;}}\n",
    read: Read::Envelope(read),
};

/// What HTML writes for a character; the one that all others begin with comes last.
const ENTITIES: &[(&str, &str)] =
    &[("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];

/// Whether a line may be one of these although it begins with an object.
pub(in crate::log) fn may_begin(line: &str) -> bool {
    !line.starts_with("{\"") || line[2..].starts_with('"')
}

fn read<'l>(_: &mut Memory, line: &'l str, _: &mut Origin) -> Option<Cow<'l, str>> {
    if line.contains('&') && (line.contains("&quot;") || line.contains("&#34;")) {
        let replaced = |text: String, (entity, is): &(&str, &str)| text.replace(entity, is);
        return Some(Cow::Owned(ENTITIES.iter().fold(line.to_owned(), replaced)));
    }
    // Other programs write braces, too, and names in them.
    let mut braces = line.match_indices('{').map(|(at, _)| &line[at + 1..]);
    let after = braces.find(|after| !after.starts_with(|c: char| c.is_ascii_alphabetic()))?;
    // A member of an object over several lines holds a text that is read with the object.
    let is_member = line.trim_start().starts_with('"');
    let is_key = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic());
    match (after.strip_prefix("\"\""), after.strip_prefix("\\\"")) {
        (Some(rest), _) if is_key(rest) => Some(Cow::Owned(line.replace("\"\"", "\""))),
        (_, Some(rest)) if is_key(rest) && !is_member => {
            Some(Cow::Owned(line.replace("\\\"", "\"").replace("\\\\", "\\")))
        }
        _ if after.trim_start().starts_with(['\u{201c}', '\u{201d}']) => {
            Some(Cow::Owned(line.replace(['\u{201c}', '\u{201d}'], "\"")))
        }
        _ => None,
    }
}
