//! A line that begins a block and is lost: what stood under it has no place in the block before it.

use super::found::Mistake;
use super::plain::{is_entry, word};
use super::words::Words;

const WHAT: &str = "the line that begins a block is missing";

/// Finds the first line under the one that is lost, by the line in which the parser noticed something.
pub(super) fn missing(source: &str, noticed: usize, words: Words) -> Option<Mistake> {
    let start = source[..noticed].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let here = Line::at(source, start).filter(|line| is_entry(line.text))?;
    let above = above(source, start);
    block(source, &here, &above, words).or_else(|| name(&here, &above, words))
}

/// An entry under a line that has a value already, or an item of a list beside an entry that is none.
fn block(source: &str, here: &Line<'_>, above: &[Line<'_>], words: Words) -> Option<Mistake> {
    let before = above.first()?;
    let is_below = before.is_complete() && !before.is_item() && here.indentation > before.indentation;
    let sibling = above.iter().find(|line| line.indentation <= here.indentation);
    let is_beside = here.is_item()
        && !(before.opens() || before.is_item())
        && sibling.is_some_and(|line| is_entry(line.text) && !line.is_item() && line.indentation == here.indentation);
    if !is_below && !is_beside {
        return None;
    }
    if is_below && let Some(mistake) = shifted(source, here, above, words) {
        return Some(mistake);
    }
    let sibling = if is_below { Some(before) } else { above.iter().find(|line| line.indentation < here.indentation) };
    let column = sibling.map_or(String::new(), |line| format!(", indented like `{}:`", word(line.text)));
    let (label, key) = match here.block(source, words) {
        Some(key) => (format!("an entry of `{key}`"), format!("`{key}:`")),
        None => ("under nothing that it could be part of".to_owned(), "the key that this belongs to".to_owned()),
    };
    Some(Mistake::new(here.bytes(), WHAT, label, format!("write {key} in a line before this one{column}")))
}

/// A line that is one of the block before it, in another column: the one that was noticed, or the one before it.
fn shifted(source: &str, here: &Line<'_>, above: &[Line<'_>], words: Words) -> Option<Mistake> {
    let is_like = |one: &Line<'_>, other: &Line<'_>| {
        let is_key = |line: &Line<'_>| (words.is_key)(word(line.text));
        let block = one.block(source, words);
        one.is_item() == other.is_item()
            && is_key(one) == is_key(other)
            && block.is_some()
            && block == other.block(source, words)
    };
    let before = above.first().filter(|before| is_like(before, here))?;
    let earlier = above.get(1).filter(|line| line.indentation == here.indentation && is_like(line, here));
    let (line, what, sibling) = match earlier {
        Some(earlier) => (before, "a line is indented too little", earlier),
        None => (here, "a line is indented too far", before),
    };
    let help = format!("indent it like `{}:`", word(sibling.text));
    Some(Mistake::new(line.bytes(), what, "in the wrong column", help))
}

/// Keys of the format that are indented further than the entry after them, for lack of a name before them.
fn name(here: &Line<'_>, above: &[Line<'_>], words: Words) -> Option<Mistake> {
    let parent = above.iter().position(|line| line.indentation < here.indentation)?;
    let first = &above[parent.checked_sub(1)?];
    let is_lost = above[parent].opens()
        && here.opens()
        && first.indentation > here.indentation
        && (words.is_key)(word(first.text))
        && !(words.is_key)(word(here.text));
    let help = format!("write its name in a line before this one, indented like `{}:`", word(here.text));
    is_lost.then(|| {
        Mistake::new(first.bytes(), WHAT, format!("under `{}:`, and has no name", word(above[parent].text)), help)
    })
}

/// A line that is no comment.
struct Line<'t> {
    /// The byte at which its text begins.
    at: usize,
    indentation: usize,
    text: &'t str,
}

impl<'t> Line<'t> {
    /// The line that begins at a byte; `None` where it has no text.
    fn at(source: &'t str, start: usize) -> Option<Line<'t>> {
        let line = source[start..].split(['\n', '\r']).next().unwrap_or_default();
        let text = line.trim_start_matches(' ');
        let indentation = line.len() - text.len();
        let is_text = !text.trim().is_empty() && !text.starts_with('#');
        is_text.then_some(Line { at: start + indentation, indentation, text: text.trim_end() })
    }

    fn bytes(&self) -> std::ops::Range<usize> {
        self.at..self.at + word(self.text).len().max(1)
    }

    fn is_item(&self) -> bool {
        self.text.starts_with("- ")
    }

    /// Whether it is a key that the lines below belong to.
    fn opens(&self) -> bool {
        is_entry(self.text) && self.text.ends_with(':')
    }

    /// Whether it is a key with its whole value.
    fn is_complete(&self) -> bool {
        let value = self.text.split_once(": ").map_or("", |(_, value)| value);
        let count = |bracket: char| value.matches(bracket).count();
        is_entry(self.text)
            && !matches!(value.trim().chars().next(), None | Some('|' | '>' | '#'))
            && count('{') == count('}')
            && count('[') == count(']')
    }

    /// The key of the block of which it is an entry, by the keys that it has.
    fn block(&self, source: &str, words: Words) -> Option<&'static str> {
        let value = match self.text.strip_prefix("- ") {
            Some(item) => item,
            None => self.text.split_once(':').map_or("", |(_, value)| value),
        };
        let value = value.trim();
        let keys: Vec<&str> = match value.strip_prefix('{') {
            Some(inner) => flow_parts(inner).into_iter().filter_map(key).collect(),
            None => key(value).into_iter().chain(self.keys_below(source)).collect(),
        };
        (words.block_of)(&keys, value.starts_with('['))
    }

    /// The keys in the lines below that belong to it.
    fn keys_below<'s>(&self, source: &'s str) -> Vec<&'s str> {
        let rest = &source[self.at..];
        let starts = rest.match_indices(['\n', '\r']).map(|(at, _)| self.at + at + 1);
        let mut lines =
            starts.filter_map(|at| Line::at(source, at)).take_while(|line| line.indentation > self.indentation);
        let Some(first) = lines.next() else { return Vec::new() };
        let column = first.indentation;
        std::iter::once(first)
            .chain(lines)
            .filter(|line| line.indentation == column)
            .filter_map(|line| key(line.text))
            .collect()
    }
}

/// The parts between the commas of a mapping in braces, from its opening brace on.
fn flow_parts(inner: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 1, None);
    for (at, c) in inner.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => depth -= 1,
            (None, _) => {}
        }
        if quote.is_none() && (depth == 0 || (depth == 1 && c == ',')) {
            parts.push(&inner[start..at]);
            start = at + 1;
        }
        if depth == 0 {
            return parts;
        }
    }
    parts
}

/// The key that a text begins with.
fn key(text: &str) -> Option<&str> {
    Some(text.split_once(':')?.0.trim()).filter(|key| word(key) == *key)
}

/// The lines above a byte that are no comments, the nearest first.
fn above(source: &str, start: usize) -> Vec<Line<'_>> {
    let starts = source[..start].match_indices(['\n', '\r']).map(|(at, _)| at + 1).filter(|at| *at < start);
    let mut lines: Vec<Line<'_>> = std::iter::once(0).chain(starts).filter_map(|at| Line::at(source, at)).collect();
    lines.reverse();
    lines
}
