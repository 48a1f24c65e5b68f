//! A table of cells, and how it fits where it is shown: columns are aligned, and where they are too wide together the
//! table is split into several below each other, or its last columns are wrapped.

use super::markdown::escape;

/// A table of cells. Every row has as many cells as there are columns; a cell has any number of lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The names of the columns. The first one names the rows.
    pub columns: Vec<String>,
    /// The rows, from top to bottom.
    pub rows: Vec<Vec<Cell>>,
    /// What becomes of it where it is too wide.
    pub fit: Fit,
}

/// The lines of a cell.
pub(super) type Cell = Vec<String>;

/// What becomes of a table that is too wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It becomes several tables with the same rows.
    Split,
    /// The lines of its widest columns are broken.
    Wrap,
}

/// The space between columns, in characters.
const GAP: usize = 2;

/// A column is not made narrower than this, in characters.
const COLUMN_CHARS_MIN: usize = 12;

/// What the further lines of a broken line of a cell begin with.
const INDENT: &str = "  ";

impl Grid {
    /// As text for a terminal that is so many characters wide. A cell of the first column that is the same as the one
    /// above it is left blank.
    pub(super) fn text(&self, width: Option<usize>) -> String {
        let widths = self.longest(|line| line.chars().count());
        let words = self.longest(|line| line.split(' ').map(|word| word.chars().count()).max().unwrap_or(0));
        let room = width.unwrap_or(usize::MAX);
        let least = |column: usize| least_width(words[column]).min(widths[column]);
        let is_narrow = match self.fit {
            Fit::Wrap => (0..widths.len()).map(least).sum::<usize>() + GAP * widths.len().saturating_sub(1) > room,
            Fit::Split => (1..widths.len()).any(|column| widths[0] + GAP + least(column) > room),
        };
        if is_narrow {
            return self.stacked(room);
        }
        match self.fit {
            Fit::Wrap => self.block(&(0..self.columns.len()).collect::<Vec<_>>(), &shrunk(&widths, &words, room)),
            Fit::Split => {
                let blocks: Vec<String> = split(&widths, room)
                    .iter()
                    .map(|columns| {
                        let widths: Vec<usize> = columns.iter().map(|column| widths[*column]).collect();
                        let words: Vec<usize> = columns.iter().map(|column| words[*column]).collect();
                        self.block(columns, &shrunk(&widths, &words, room))
                    })
                    .collect();
                blocks.join("\n")
            }
        }
    }

    /// As text for a terminal that is too narrow for columns: each row as its first cell, and a line for each other one.
    fn stacked(&self, room: usize) -> String {
        let mut text = String::new();
        for row in &self.rows {
            for (column, cell) in self.columns.iter().zip(row) {
                let line = format!("{column}: {}", cell.join("; "));
                let (indent, further) = if column == &self.columns[0] { ("", INDENT) } else { (INDENT, "    ") };
                for line in wrap(&line, room.saturating_sub(indent.len()), further) {
                    text.push_str(&format!("{indent}{line}\n"));
                }
            }
        }
        text
    }

    /// As a Markdown table.
    pub(super) fn markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut text = line(self.columns.iter().map(|name| escape(name)).collect());
        text += &line(self.columns.iter().map(|_| "---".to_owned()).collect());
        for row in &self.rows {
            let cell = |cell: &Cell| cell.iter().map(|line| escape(line)).collect::<Vec<_>>().join("<br>");
            text += &line(row.iter().map(cell).collect());
        }
        text
    }

    /// The largest measure of a line in each column.
    fn longest(&self, measure: impl Fn(&str) -> usize) -> Vec<usize> {
        let of_column = |(index, name): (usize, &String)| {
            let lines = self.rows.iter().flat_map(|row| &row[index]).chain([name]);
            lines.map(|line| measure(line)).max().unwrap_or(0)
        };
        self.columns.iter().enumerate().map(of_column).collect()
    }

    /// Some columns with these widths.
    fn block(&self, columns: &[usize], widths: &[usize]) -> String {
        let names: Vec<Cell> = columns.iter().map(|column| vec![self.columns[*column].clone()]).collect();
        let mut text = row_text(&names, widths);
        let rules: Vec<Cell> = widths.iter().map(|width| vec!["-".repeat(*width)]).collect();
        text += &row_text(&rules, widths);
        let mut above: Option<&Cell> = None;
        for row in &self.rows {
            let mut cells: Vec<Cell> = columns.iter().map(|column| row[*column].clone()).collect();
            if above == Some(&row[0]) {
                cells[0] = Cell::new();
            }
            above = Some(&row[0]);
            text += &row_text(&cells, widths);
        }
        text
    }
}

fn row_text(cells: &[Cell], widths: &[usize]) -> String {
    let cells: Vec<Cell> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| cell.iter().flat_map(|line| wrap(line, *width, INDENT)).collect::<Cell>())
        .collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let mut text = String::new();
    for at in 0..height {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            let part = cell.get(at).map_or("", String::as_str);
            line.push_str(part);
            line.push_str(&" ".repeat(width.saturating_sub(part.chars().count()) + GAP));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Columns of tables that each fit the room if one can; the first column is in all of them.
fn split(widths: &[usize], room: usize) -> Vec<Vec<usize>> {
    let mut blocks = vec![vec![0]];
    let mut used = widths[0];
    for (column, width) in widths.iter().enumerate().skip(1) {
        if used.saturating_add(GAP + width) > room && blocks.last().is_some_and(|block| block.len() > 1) {
            blocks.push(vec![0]);
            used = widths[0];
        }
        used += GAP + width;
        if let Some(block) = blocks.last_mut() {
            block.push(column);
        }
    }
    blocks
}

/// Widths that fit the room if they can: the widest column gives way first, the later one of equals. Words are broken
/// only where nothing else helps.
fn shrunk(widths: &[usize], words: &[usize], room: usize) -> Vec<usize> {
    let mut widths = widths.to_vec();
    let gaps = GAP * widths.len().saturating_sub(1);
    let whole: Vec<usize> = words.iter().map(|word| least_width(*word)).collect();
    for least in [whole, vec![COLUMN_CHARS_MIN; widths.len()]] {
        while widths.iter().sum::<usize>().saturating_add(gaps) > room {
            let wide = widths.iter_mut().zip(&least).filter(|(width, least)| **width > **least);
            let Some((widest, _)) = wide.max_by_key(|(width, _)| **width) else { break };
            *widest -= 1;
        }
    }
    widths
}

/// How narrow a column may become before its longest word is broken.
fn least_width(longest_word: usize) -> usize {
    COLUMN_CHARS_MIN.max(longest_word + INDENT.len())
}

/// Breaks a line at spaces, and a word that is longer than a whole line where it must be. Lines after the first are
/// indented by `indent`.
pub(super) fn wrap(line: &str, width: usize, indent: &str) -> Vec<String> {
    if line.chars().count() <= width {
        return vec![line.to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut has_word = false;
    for word in line.split_whitespace() {
        let mut rest: Vec<char> = word.chars().collect();
        if has_word && current.chars().count() + 1 + rest.len() > width {
            lines.push(std::mem::replace(&mut current, indent.to_owned()));
            has_word = false;
        }
        if has_word {
            current.push(' ');
        }
        while current.chars().count() + rest.len() > width {
            let room = width.saturating_sub(current.chars().count()).max(1);
            current.extend(rest.drain(..room.min(rest.len())));
            lines.push(std::mem::replace(&mut current, indent.to_owned()));
        }
        current.extend(&rest);
        has_word = true;
    }
    lines.push(current);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(fit: Fit) -> Grid {
        let cell = |text: &str| vec![text.to_owned()];
        Grid {
            columns: vec!["state".to_owned(), "first".to_owned(), "second".to_owned()],
            rows: vec![
                vec![cell("a"), vec!["go b if c".to_owned(), "ignore".to_owned()], cell("a | b")],
                vec![cell("a"), cell("-"), cell("a longer text that has many words")],
            ],
            fit,
        }
    }

    #[test]
    fn what_is_too_wide_is_split_or_wrapped() {
        for (fit, width) in [(Fit::Split, 45), (Fit::Split, 24), (Fit::Wrap, 44), (Fit::Wrap, 40)] {
            let text = grid(fit).text(Some(width));
            assert!(text.lines().all(|line| line.chars().count() <= width), "{fit:?} {width}\n{text}");
        }
        assert_eq!(grid(Fit::Split).text(Some(45)).matches("state").count(), 2);
        assert_eq!(grid(Fit::Split).text(None).matches("state").count(), 1);
    }

    #[test]
    fn a_narrow_terminal_gets_short_lines_and_no_broken_word() {
        for fit in [Fit::Split, Fit::Wrap] {
            let text = grid(fit).text(Some(20));
            assert!(text.lines().all(|line| line.chars().count() <= 20), "{text}");
            let words: Vec<&str> = text.split_whitespace().collect();
            assert!(["longer", "words", "ignore"].iter().all(|word| words.contains(word)), "{text}");
        }
    }

    #[test]
    fn a_cell_cannot_end_a_markdown_column() {
        let text = grid(Fit::Wrap).markdown();
        assert_eq!(text.lines().nth(2), Some("| a | go b if c<br>ignore | a \\| b |"));
    }

    #[test]
    fn a_word_without_spaces_is_broken_and_nothing_is_lost() {
        let text = "a_very_long_name_without_any_space short";
        for width in 1..50 {
            let lines = wrap(text, width, "");
            assert!(width < 3 || lines.iter().all(|line| line.chars().count() <= width), "{width}: {lines:?}");
            let letters = |text: &str| text.replace(' ', "");
            assert_eq!(letters(&lines.concat()), letters(text));
        }
    }
}
