//! Places in the text of a table.

use std::ops::Range;

/// A stretch of the table's text. Lines and columns count from 1, columns in characters, offsets in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
}

impl Span {
    /// From the start of this stretch to the end of the other.
    #[must_use]
    pub fn until(self, other: Span) -> Span {
        Span { end: other.end.max(self.end), ..self }
    }

    /// As much of this stretch as stands on its first line.
    #[must_use]
    pub fn first_line(self, source: &str) -> Span {
        let text = source.get(self.start..self.end).unwrap_or_default();
        let line = text.split(['\n', '\r']).next().unwrap_or_default().trim_end();
        Span { end: self.start + line.len(), ..self }
    }

    /// Returns the stretch from one byte of a text to another. Lines end as in YAML: in LF, CR, or both.
    pub(crate) fn of(source: &str, bytes: Range<usize>) -> Span {
        let before = source.get(..bytes.start).unwrap_or(source);
        let breaks = before.matches(['\n', '\r']).count() - before.matches("\r\n").count();
        let line = before.rfind(['\n', '\r']).map_or(before, |at| &before[at + 1..]);
        let column = line.trim_start_matches('\u{feff}').chars().count() + 1;
        Span { start: bytes.start, end: bytes.end.max(bytes.start), line: breaks + 1, column }
    }
}
