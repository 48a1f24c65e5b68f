//! A page: headings, paragraphs, fields and grids, and the ways in which it is written.

use std::fmt::Write as _;

use super::escaped::{Markup, escaped, is_special_underscore};
use super::grid::{Grid, wrap};
use super::rst;

/// The width of a paragraph where there is no terminal, in characters.
const PARAGRAPH_CHARS: usize = 100;

/// What is said, in order, without how it looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The parts, from top to bottom.
    pub parts: Vec<Part>,
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The beginning of something.
    Heading(String),
    /// Text.
    Paragraph(String),
    /// Names with what belongs to them, below each other.
    Fields(Vec<(String, String)>),
    /// A table.
    Grid(Grid),
    /// Remarks that a table refers to by their numbers, from 1.
    Footnotes(Vec<String>),
}

impl Page {
    /// Adds a heading.
    pub(super) fn heading(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Heading(text.into()));
    }

    /// Adds a paragraph.
    pub(super) fn paragraph(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Paragraph(text.into()));
    }

    /// As text for a terminal that is so many characters wide, or as wide as it takes.
    #[must_use]
    pub fn text(&self, width: Option<usize>) -> String {
        let parts: Vec<String> = self.parts.iter().map(|part| part_text(part, width)).collect();
        parts.join("\n")
    }

    /// As Markdown, as code hosts render it.
    #[must_use]
    pub fn markdown(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(part_markdown).collect();
        parts.join("\n")
    }

    /// As reStructuredText, as Sphinx and docutils read it without any extension.
    #[must_use]
    pub fn rst(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(rst::part).collect();
        parts.join("\n")
    }
}

fn part_text(part: &Part, width: Option<usize>) -> String {
    match part {
        Part::Heading(text) => format!("{text}\n"),
        Part::Paragraph(text) => lines(&wrap(text, width.unwrap_or(PARAGRAPH_CHARS), "")),
        Part::Fields(fields) => fields_text(fields, width),
        Part::Grid(grid) => grid.text(width),
        Part::Footnotes(notes) => {
            let mark = |index: usize| format!("[{}]", index + 1);
            let notes: Vec<_> = notes.iter().enumerate().map(|(index, note)| (mark(index), note.clone())).collect();
            fields_text(&notes, width)
        }
    }
}

fn part_markdown(part: &Part) -> String {
    match part {
        Part::Heading(text) => format!("## {}\n", prose(text.trim())),
        Part::Paragraph(text) => format!("{}\n", block(text)),
        Part::Fields(fields) => {
            fields.iter().map(|(name, text)| format!("- {}\n", block(&format!("{name}: {text}")))).collect()
        }
        Part::Grid(grid) => grid.markdown(),
        Part::Footnotes(notes) => {
            let notes = notes.iter().enumerate();
            notes.map(|(index, note)| format!("{}. {}\n", index + 1, block(note))).collect()
        }
    }
}

fn fields_text(fields: &[(String, String)], width: Option<usize>) -> String {
    let margin = fields.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0) + 2;
    let room = width.map_or(usize::MAX, |width| width.saturating_sub(margin + 2).max(20));
    let mut text = String::new();
    for (name, value) in fields {
        for (index, line) in wrap(value, room, "").iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {:margin$}{line}", if index == 0 { name } else { "" });
        }
    }
    text
}

fn lines(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Makes a text stand as it is in a cell of a Markdown table; what is in backticks stays code.
pub(super) fn escape(text: &str) -> String {
    // A cell ends even within code.
    spans(text, |code| code.replace('|', "\\|"))
}

/// Makes a text stand as it is in Markdown outside of a table.
fn prose(text: &str) -> String {
    spans(text, str::to_owned)
}

fn spans(text: &str, code: impl Fn(&str) -> String) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    escaped(&text, &MARKDOWN, |_, part, _| format!("`{}`", code(part)))
}

const MARKDOWN: Markup = Markup {
    is_code: |part| !part.trim().is_empty(),
    is_special: |before, c, after| match c {
        '|' | '\\' | '*' | '<' | '~' => true,
        '_' => is_special_underscore(before, after),
        ']' => after == '(' || after == '[' || after == ':',
        '&' => after == '#' || after.is_alphabetic(),
        _ => false,
    },
};

/// A text that begins a block, and that must not be read as the beginning of a list or of something else.
fn block(text: &str) -> String {
    let text = prose(text.trim_start());
    let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if number.len() < text.len() && number.starts_with(['.', ')']) {
        let digits = text.len() - number.len();
        return format!("{}\\{number}", &text[..digits]);
    }
    if text.starts_with(['#', '>', '+', '-', '=']) { format!("\\{text}") } else { text }
}
