//! A text in quotes, and what is wrong with one that does not end where it should.

use super::found::Mistake;
use super::key;
use super::view::View;

/// What a quote begins.
pub(super) enum Quoted {
    /// A text that ends before this byte.
    Until(usize),
    /// Something that the writer did not mean.
    Mistake(Mistake),
}

/// Reads the text that a quote begins.
pub(super) fn read(view: &View<'_>, start: usize, quote: char) -> Quoted {
    let Some(end) = end_of(view.source, start, quote) else {
        return Quoted::Mistake(open(start, quote));
    };
    let rest = view.line_from(end);
    let next = rest.trim_start_matches([' ', '\t']);
    let is_spaced = next.len() < rest.len();
    let is_over = match next.chars().next() {
        None => true,
        Some('#') => is_spaced,
        Some(':') => true,
        Some(',' | '}' | ']') => view.is_flow,
        Some(_) => false,
    };
    if is_over {
        return Quoted::Until(end);
    }
    let text = &view.source[start + 1..end - 1];
    let spans_lines = text.contains(['\n', '\r']);
    // A key follows, or a `;`: the quote is closed, and only a comma or a brace is missing.
    let is_pair = |text: &str| key::is_entry(text) && (view.is_key)(key::word(text));
    let is_over = match view.is_flow {
        true => (is_spaced && key::is_entry(next)) || next.starts_with(';'),
        false => next.strip_prefix([',', ';']).is_some_and(|next| next.trim().is_empty() || is_pair(next.trim_start())),
    };
    if !spans_lines && is_over {
        return Quoted::Until(end);
    }
    // What was taken for the end is the beginning of the next text.
    if spans_lines || text.trim_end().ends_with(':') || text.trim_end().ends_with(',') {
        return Quoted::Mistake(open(start, quote));
    }
    let help = match quote {
        '"' => "write `\\\"` for a quote within the text, or put the text in single quotes",
        _ => "write `''` for an apostrophe within the text, or put the text in double quotes",
    };
    let at = end - 1..end;
    Quoted::Mistake(Mistake::new(
        at,
        "text follows the quote that ends a value",
        "ends the text that began before",
        help,
    ))
}

fn open(start: usize, quote: char) -> Mistake {
    let help = format!("add `{quote}` where the text ends");
    Mistake::new(start..start + 1, "a quote is not closed", "opened here", help)
}

/// The byte after the closing quote.
fn end_of(source: &str, start: usize, quote: char) -> Option<usize> {
    let mut chars = source[start + 1..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => drop(chars.next()),
            _ if c != quote => {}
            _ if quote == '\'' && chars.next_if(|(_, next)| *next == '\'').is_some() => {}
            _ => return Some(start + 1 + at + 1),
        }
    }
    None
}
