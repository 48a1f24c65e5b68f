//! A bracket that is not opened: the keys in the line, or what closes in it, show that one was meant.

use super::found::Mistake;
use super::key::{is_entry, word};
use super::view::View;

/// Finds the brace that is missing before the pairs of a line, of which the second begins at a byte.
pub(super) fn missing(view: &View<'_>, second: usize) -> Option<Mistake> {
    let start = view.source[..second].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line = view.line_from(start).trim_end();
    let dash = line.len() - line.trim_start_matches([' ', '-']).len();
    let is_pair = |at: usize| is_entry(&line[at..]) && (view.is_key)(word(&line[at..]));
    let colon =
        line[..second - start].rfind(": ").map(|at| at + 2 + line[at + 2..].len() - line[at + 2..].trim_start().len());
    // The pairs begin with the line, or after the name that has them.
    let first = match colon.filter(|at| start + at <= second && is_pair(*at)) {
        Some(at) => at,
        None if !view.is_flow && line[..dash].trim_end().ends_with('-') && is_pair(dash) => dash,
        None => return None,
    };
    let at = start + first..start + first + word(&line[first..]).len();
    let pairs = &line[first..];
    if closes(pairs) > usize::from(view.is_flow) {
        let help = format!("add `{{` before `{}`", word(pairs));
        return Some(Mistake::new(at, "a `{` is missing", "a `{` is missing before this", help));
    }
    let help = format!("put the pairs in braces: `{{ {pairs} }}`");
    (!view.is_flow)
        .then(|| Mistake::new(at, "braces are missing around the pairs of a line", "the first of them", help))
}

/// Finds the `[` that is missing before the names of a list, within a `{` that is open from a byte on and closed in the line.
pub(super) fn missing_of_list(view: &View<'_>, open: usize, closing: usize) -> Option<Mistake> {
    let before = &view.source[open..closing];
    let colon = before.rfind(": ")?;
    let value = before[colon + 2..].trim_start();
    let is_list = !value.contains(['\n', '\r', '"', '[', '{']) && closes(view.line_from(closing + 1)) > 0;
    let start = closing - value.len();
    let name = word(value);
    (is_list && !name.is_empty()).then(|| {
        let help = format!("add `[` before `{name}`");
        Mistake::new(start..start + name.len(), "a `[` is missing", "a `[` is missing before this", help)
    })
}

/// How many braces a text closes that it does not open.
fn closes(text: &str) -> usize {
    let (mut depth, mut closed, mut quote) = (0_usize, 0, None);
    for c in text.chars() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => depth += 1,
            (None, '}') if depth > 0 => depth -= 1,
            (None, '}') => closed += 1,
            (None, _) => {}
        }
    }
    closed
}
