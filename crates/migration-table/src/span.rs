//! Places in the text of a table.

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
        let line = text.lines().next().unwrap_or_default().trim_end();
        Span { end: self.start + line.len(), ..self }
    }
}
