//! Pages as reStructuredText, for Sphinx and docutils without any extension: tables are `list-table` directives.

use super::escaped::{Markup, escaped, is_special_underscore};
use super::grid::Grid;
use super::part::Part;

/// A part of a page.
pub(super) fn part(part: &Part) -> String {
    match part {
        Part::Heading(text) => heading(text),
        Part::Paragraph(text) => format!("{}\n", block(text)),
        Part::Fields(fields) => fields.iter().map(|(name, text)| format!("* {}\n", field(name, text))).collect(),
        Part::Grid(grid) => table(grid),
        Part::Footnotes(notes) => {
            let notes = notes.iter().enumerate();
            notes.map(|(at, note)| format!("{}. {}\n", at + 1, block(note))).collect()
        }
    }
}

fn heading(text: &str) -> String {
    let text = block(text);
    // A letter that is not of seven bits may take two columns, and a line that is too short is an error.
    let columns: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    format!("{text}\n{}\n", "-".repeat(columns.max(4)))
}

fn field(name: &str, text: &str) -> String {
    block(&format!("{name}: {text}"))
}

fn table(grid: &Grid) -> String {
    let mut text = String::from(".. list-table::\n   :header-rows: 1\n   :widths: auto\n\n");
    let names: Vec<Vec<String>> = grid.columns.iter().map(|name| vec![name.clone()]).collect();
    for row in std::iter::once(&names).chain(&grid.rows) {
        for (at, cell) in row.iter().enumerate() {
            let bullet = if at == 0 { "   * -" } else { "     -" };
            text.push_str(bullet);
            text.push_str(&lines(cell));
            text.push('\n');
        }
    }
    text
}

/// The lines of a cell; several of them as a block that keeps them apart.
fn lines(cell: &[String]) -> String {
    match cell {
        [] => String::new(),
        [line] if line.is_empty() => String::new(),
        [line] => format!(" {}", block(line)),
        _ => {
            let lines: Vec<String> = cell.iter().map(|line| format!(" | {}", inline(line))).collect();
            lines.join("\n      ")
        }
    }
}

/// A text that begins a block, and that must not be read as the beginning of a list or of something else.
fn block(text: &str) -> String {
    let text = inline(text);
    let is_plain = text.chars().next().is_none_or(|first| first.is_alphanumeric() || first == '`' || first == '\\');
    let is_numbered = text.split(' ').next().is_some_and(|word| word.ends_with(['.', ')']));
    if is_plain && !is_numbered { text } else { format!("\\{}", text.trim_start_matches('\\')) }
}

/// A text within a block. What is in backticks is code; everything else stands as it is.
fn inline(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c }).collect();
    escaped(text.trim(), &RST, |so_far, part, after| {
        // Code must stand apart from words; the space that does so is not shown.
        let before = if so_far.ends_with([' ', '(']) || so_far.is_empty() { "" } else { "\\ " };
        let after = if after.is_none_or(|c| " .,:;)!?".contains(c)) { "" } else { "\\ " };
        format!("{before}``{part}``{after}")
    })
}

const RST: Markup = Markup {
    is_code: |part| !part.is_empty() && part.trim() == part && !part.contains('\\'),
    is_special: |before, c, after| match c {
        '\\' | '*' | '|' => true,
        '_' => is_special_underscore(before, after),
        // An address or a scheme would become a link.
        '@' => true,
        ':' => after == '/' || after.is_alphabetic(),
        _ => false,
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words() {
        assert_eq!(inline("a_b *c* `d` e` |f|_"), "a_b \\*c\\* ``d`` e\\` \\|f\\|\\_");
        assert_eq!(inline("x`y`z `` a"), "x\\ ``y``\\ z \\`\\` a");
        assert_eq!(block("- 1"), "\\- 1");
        assert_eq!(block("1. one"), "\\1. one");
        assert_eq!(block("* one"), "\\* one");
        assert_eq!((block("2.3"), block("source: x")), ("2.3".to_owned(), "source: x".to_owned()));
        assert_eq!(heading("ab"), "ab\n----\n");
    }

    #[test]
    fn a_cell_with_lines_keeps_them_apart() {
        let cell = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        assert_eq!(lines(&cell(&["a", "b"])), " | a\n       | b");
        assert_eq!(lines(&cell(&["-"])), " \\-");
        assert_eq!(lines(&cell(&[])), "");
    }
}
