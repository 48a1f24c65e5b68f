//! A colon that is missing after a key, or the space after it.

use super::found::Mistake;
use super::key::{is_entry, word};
use super::line::Line;
use super::words::Words;

const WHAT: &str = "a colon is missing after a key";

/// Finds the name in a line that a brace follows where a colon must stand.
pub(super) fn before_brace(line: &str, start: usize) -> Option<Mistake> {
    let name = word(line);
    let after = &line[name.len()..];
    let is_name = name.starts_with(char::is_alphanumeric) && line.trim_end().ends_with('}');
    let brace = after.find('{').filter(|at| is_name && *at > 0 && is_entry(after[at + 1..].trim_start()))?;
    let what = match after[..brace].trim() {
        "" | "=" => WHAT,
        ":" if brace == 1 => "a space is missing after a colon",
        _ => return None,
    };
    let at = start..start + name.len() + brace + 1;
    Some(Mistake::new(at, what, "the key, and what it stands for", format!("write `{name}: {{`")))
}

/// Finds the key that begins a block, alone in the line in which the parser noticed something, or in the one before it.
pub(super) fn missing(source: &str, noticed: usize, words: Words) -> Option<Mistake> {
    let start = source[..noticed].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let here = Line::at(source, start)?;
    let is_alone = |line: &Line<'_>| {
        let rest = line.text[word(line.text).len()..].trim();
        !word(line.text).is_empty() && matches!(rest, "" | "=")
    };
    let before = Line::above(source, start).into_iter().next();
    let is_key = (words.is_key)(word(here.text));
    let has_block = |line: &Line<'_>| line.below(source).next().is_some_and(|it| it.indentation > line.indentation);
    let line = match before.filter(|before| before.indentation < here.indentation && is_alone(before)) {
        Some(before) => before,
        None if is_alone(&here) && (is_key || has_block(&here)) => here,
        None => {
            let value = here.text[word(here.text).len()..].trim_start().strip_prefix('=').filter(|_| is_key)?;
            let help = format!("write `{}: {}`", word(here.text), value.trim());
            return Some(Mistake::new(here.at..here.at + here.text.len(), WHAT, "a key and its value", help));
        }
    };
    let at = line.at..line.at + line.text.len();
    Some(Mistake::new(at, WHAT, "a key alone", format!("write `{}:`", word(line.text))))
}
