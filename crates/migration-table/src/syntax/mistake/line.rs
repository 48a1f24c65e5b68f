//! The lines of a text, as far as they tell how a table is laid out.

use super::key::{is_entry, word};
use super::words::Words;

/// A line that is no comment.
pub(super) struct Line<'t> {
    /// The byte at which its text begins.
    pub(super) at: usize,
    /// The spaces before it.
    pub(super) indentation: usize,
    pub(super) text: &'t str,
}

impl<'t> Line<'t> {
    /// The line that begins at a byte; `None` where it has no text.
    pub(super) fn at(source: &'t str, start: usize) -> Option<Line<'t>> {
        let line = source[start..].split(['\n', '\r']).next().unwrap_or_default();
        let text = line.trim_start_matches(' ');
        let indentation = line.len() - text.len();
        let is_text = !text.trim().is_empty() && !text.starts_with('#');
        is_text.then_some(Line { at: start + indentation, indentation, text: text.trim_end() })
    }

    /// The lines above a byte, the nearest first.
    pub(super) fn above(source: &'t str, start: usize) -> Vec<Line<'t>> {
        let starts = source[..start].match_indices(['\n', '\r']).map(|(at, _)| at + 1).filter(|at| *at < start);
        let lines = std::iter::once(0).filter(|at| *at < start).chain(starts);
        let mut lines: Vec<Line<'_>> = lines.filter_map(|at| Line::at(source, at)).collect();
        lines.reverse();
        lines
    }

    /// The lines below this one.
    pub(super) fn below(&self, source: &'t str) -> impl Iterator<Item = Line<'t>> {
        let from = self.at;
        let starts = source[from..].match_indices(['\n', '\r']).map(move |(at, _)| from + at + 1);
        starts.filter_map(move |at| Line::at(source, at))
    }

    /// The pair that an item of a list begins with, as a line of its own.
    pub(super) fn pair(&self) -> Option<Line<'t>> {
        let text = self.text.strip_prefix('-')?.trim_start_matches(' ');
        let skipped = self.text.len() - text.len();
        let (at, indentation) = (self.at + skipped, self.indentation + skipped);
        (skipped > 1 && is_entry(text)).then_some(Line { at, indentation, text })
    }

    pub(super) fn bytes(&self) -> std::ops::Range<usize> {
        self.at..self.at + word(self.text).len().max(1)
    }

    pub(super) fn is_item(&self) -> bool {
        self.text.starts_with("- ")
    }

    /// Whether it is a key that the lines below belong to.
    pub(super) fn opens(&self) -> bool {
        is_entry(self.text) && self.text.ends_with(':')
    }

    /// Whether it has its whole value.
    pub(super) fn is_complete(&self) -> bool {
        let value = match self.text.strip_prefix("- ") {
            Some(item) => item,
            None => self.text.split_once(": ").map_or("", |(_, value)| value),
        };
        let count = |bracket: char| value.matches(bracket).count();
        is_entry(self.text)
            && !matches!(value.trim().chars().next(), None | Some('|' | '>' | '#'))
            && count('{') == count('}')
            && count('[') == count(']')
    }

    /// The key of the block of which it is an entry, by the keys that it has.
    pub(super) fn block(&self, source: &'t str, words: Words) -> Option<&'static str> {
        (words.block_of)(&self.keys(source), self.is_list())
    }

    /// Whether its value is a list.
    pub(super) fn is_list(&self) -> bool {
        self.value().starts_with('[')
    }

    /// The keys that it has, in its line or below it.
    pub(super) fn keys(&self, source: &'t str) -> Vec<&'t str> {
        let value = self.value();
        match value.strip_prefix('{') {
            Some(inner) => flow_parts(inner).into_iter().filter_map(key).collect(),
            None if self.is_item() || value.is_empty() => {
                key(value).into_iter().chain(self.keys_below(source)).collect()
            }
            None => key(value).into_iter().collect(),
        }
    }

    fn value(&self) -> &'t str {
        let value = match self.text.strip_prefix("- ") {
            Some(item) => item,
            None => self.text.split_once(':').map_or("", |(_, value)| value),
        };
        value.trim()
    }

    /// The keys in the lines below that belong to it.
    fn keys_below(&self, source: &'t str) -> Vec<&'t str> {
        let mut lines = self.below(source).take_while(|line| line.indentation > self.indentation);
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
