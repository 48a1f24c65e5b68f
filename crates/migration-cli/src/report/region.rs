//! A place in a text from its first to its last line, for those who are not told bytes.

use migration_table::Span;

/// A stretch of a text. Lines and columns count from 1, columns in characters; the end is after the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    /// Line of the first character.
    pub(crate) line: usize,
    /// Column of the first character.
    pub(crate) column: usize,
    /// Line of the last character.
    pub(crate) end_line: usize,
    /// Column after the last character.
    pub(crate) end_column: usize,
}

impl Region {
    /// Where the stretch stands. A line break at its end is not part of it.
    pub(crate) fn of(span: Span, text: &str) -> Region {
        let stretch = text.get(span.start..span.end).unwrap_or_default().trim_end_matches(['\n', '\r']);
        let (line, column) = (span.line.max(1), span.column.max(1));
        let last = stretch.rsplit('\n').next().unwrap_or_default().chars().count();
        let breaks = stretch.matches('\n').count();
        let end_column = if breaks == 0 { column + last } else { last + 1 };
        Region { line, column, end_line: line + breaks, end_column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_ends_where_its_last_character_does() {
        let text = "one\n  zwö, drei\nfour\n";
        let region = |start: usize, end, line, column| Region::of(Span { start, end, line, column }, text);
        assert_eq!(region(6, 10, 2, 3), Region { line: 2, column: 3, end_line: 2, end_column: 6 });
        assert_eq!(region(6, 17, 2, 3), Region { line: 2, column: 3, end_line: 2, end_column: 12 });
        assert_eq!(region(6, 20, 2, 3), Region { line: 2, column: 3, end_line: 3, end_column: 4 });
        assert_eq!(region(0, 0, 0, 0), Region { line: 1, column: 1, end_line: 1, end_column: 1 });
        assert_eq!(region(90, 99, 9, 9), Region { line: 9, column: 9, end_line: 9, end_column: 9 });
    }
}
