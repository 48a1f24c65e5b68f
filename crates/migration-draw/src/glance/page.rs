//! A page: headings, paragraphs, fields and grids, and the ways in which it is written.

use std::fmt::Write as _;

use super::grid::wrap;
use super::markdown::{block, prose};
use super::rst;

pub use super::part::Part;

/// The width of a paragraph where there is no terminal, in characters.
const PARAGRAPH_CHARS: usize = 100;

/// What is said, in order, without how it looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The parts, from top to bottom.
    pub parts: Vec<Part>,
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
        Part::Heading(text) => lines(&wrap(text, width.unwrap_or(usize::MAX), "  ")),
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

/// How little room a value may have beside its name, in characters.
const VALUE_CHARS_MIN: usize = 20;

/// Names with their values beside them; where the names leave too little room for that, each value stands below its name.
fn fields_text(fields: &[(String, String)], width: Option<usize>) -> String {
    let margin = fields.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0) + 2;
    let width = width.unwrap_or(usize::MAX);
    let room = width.saturating_sub(margin + 2);
    let mut text = String::new();
    for (name, value) in fields {
        if room < VALUE_CHARS_MIN {
            let name = wrap(name, width.saturating_sub(2), "  ").into_iter().map(|line| format!("  {line}\n"));
            let value = wrap(value, width.saturating_sub(6), "").into_iter().map(|line| format!("      {line}\n"));
            text.extend(name.chain(value));
            continue;
        }
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
