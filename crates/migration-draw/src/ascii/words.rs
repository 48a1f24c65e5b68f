//! Texts in seven bits, and lines that are not too long.

use super::super::figure::Mark;
use super::super::wrap;

/// The widest line, in characters: what a reply that quotes it leaves below 80.
pub(super) const COLUMNS: usize = 78;

/// A text of one line in seven bits.
pub(super) fn plain(text: &str) -> String {
    let known = |c: char| match c {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2010}'..='\u{2015}' => '-',
        c if c.is_whitespace() || c.is_control() => ' ',
        c if c.is_ascii() => c,
        _ => '?',
    };
    let text: String = text.chars().map(known).collect();
    text.trim().to_owned()
}

/// A text with what a view says of it, as a sign before it or a word behind.
pub(super) fn marked(mark: Mark, text: &str) -> String {
    match mark {
        Mark::Plain | Mark::Muted | Mark::Unchanged => text.to_owned(),
        Mark::Added => format!("+ {text}"),
        Mark::Removed => format!("- {text}"),
        Mark::Changed => format!("~ {text}"),
        Mark::Highlighted => format!("* {text}"),
        Mark::Accepted | Mark::Ignored | Mark::Refused => format!("{text} ({})", mark.meaning()),
    }
}

/// Breaks a text so that no line is longer than `width`: at spaces, within long names at `_`, and elsewhere if it must be.
pub(super) fn fold(text: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines = Vec::new();
    for line in wrap::wrap(text, width) {
        let mut rest: Vec<char> = line.chars().collect();
        while rest.len() > width {
            let joint = rest[..width].iter().rposition(|c| *c == '_').filter(|at| *at > width / 3);
            let tail = rest.split_off(joint.map_or(width, |at| at + 1));
            lines.push(rest.iter().collect());
            rest = tail;
        }
        lines.push(rest.iter().collect());
    }
    if lines.is_empty() { vec![String::new()] } else { lines }
}
