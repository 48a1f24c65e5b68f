//! Where a mistake of YAML was made. A parser reports where it noticed, which for an open quote or bracket can be many
//! lines further on; this module reads the lines again, the way a table is written, and looks for the usual slips.
//!
//! It runs only on a text that the parser refused, and what it finds lies before the place that the parser names.

mod brace;
mod colon;
mod column;
mod control;
mod dash;
mod found;
mod header;
mod indent;
mod key;
mod line;
mod plain;
mod quoted;
mod scan;
#[cfg(test)]
mod tests;
mod view;
mod words;

use crate::finding::Finding;
use crate::rule::shape::INVALID_YAML;
use crate::span::Span;

use found::Mistake;
use scan::Scan;
pub(crate) use words::Words;

/// Returns what is wrong with a text that the parser refused at a byte, for the reason that it gives in its own words.
pub(super) fn explain(source: &str, noticed: usize, reason: &str, words: Words) -> Finding {
    let rest = source.get(noticed..).unwrap_or_default();
    let line_end = rest.find(['\n', '\r']).map_or(source.len(), |at| noticed + at);
    let found = control::find(&source[..line_end]).or_else(|| Scan::new(source, words.is_key).run());
    let found = found.filter(|mistake| mistake.at.start <= line_end);
    let found = found.or_else(|| colon::missing(source, noticed, words));
    let found = found.or_else(|| column::wrong(source, noticed, words));
    let found = found.or_else(|| header::missing(source, noticed, words)).or_else(|| dash::missing(source, noticed));
    let mistake = found.unwrap_or_else(|| Mistake {
        at: noticed..noticed,
        what: "",
        label: "noticed here".to_owned(),
        help: general_help(reason).to_owned(),
    });
    let what = if mistake.what.is_empty() { reason } else { mistake.what };
    let message = format!("the table is not valid YAML: {what}");
    let finding = Finding::error(INVALID_YAML.code, Span::of(source, mistake.at), message, mistake.label);
    if mistake.help.is_empty() { finding } else { finding.with_help(mistake.help) }
}

/// What to do where only the parser's own words tell what is wrong.
fn general_help(reason: &str) -> &'static str {
    let helps = [
        ("escape", "write `\\\\` for a backslash in double quotes, or use single quotes"),
        ("tab", "indent with spaces"),
        ("directive", "leave out lines that begin with `%`"),
        ("block scalar", "write the text in one line, in quotes"),
        ("flow mapping", "look for a comma or a `}` that is missing"),
        ("flow sequence", "look for a comma or a `]` that is missing"),
        ("unexpected character", "put the text in quotes"),
        ("block mapping", "begin all keys of one mapping in the same column"),
        ("block collection", "begin all items of one list in the same column"),
        ("block sequence", "begin all items of one list in the same column"),
        ("key", "write `key: value`, with a space after the colon"),
        ("values", "put a text with `: ` in quotes, and begin all keys of one mapping in the same column"),
    ];
    helps.iter().find(|(word, _)| reason.contains(word)).map_or("", |(_, help)| help)
}
