//! The picture of machines in plain characters, for terminals and for mail: seven bits, and lines that mail leaves whole.
//!
//! The happy path goes straight down the left. What leaves it stands to its right, with the name of where it leads;
//! states beside the path hang where they are entered, and those that failures and cancels enter stand below it. A frame
//! is a bracket along the states within, and its edges leave at its foot. Beneath the picture every way out of every
//! state is listed, under the status that a client is shown: what can be pasted into a mail can be searched there.

mod brackets;
mod item;
mod key;
mod listing;
mod sheet;
mod stub;

use self::brackets::Brackets;
use self::sheet::Sheet;
use super::figure::{Figure, Mark, Panel};
use super::{label, wrap};

/// The widest line, in characters: what a reply that quotes it leaves below 80.
const COLUMNS: usize = 78;

/// Writes the picture and the list beneath it.
pub(super) fn draw(figure: &Figure) -> String {
    let mut out = String::new();
    let title = plain(&label::title(figure));
    for line in wrap::wrap(&title, COLUMNS) {
        out.push_str(&line);
        out.push('\n');
    }
    for panel in &figure.panels {
        out.push('\n');
        if figure.panels.len() > 1 {
            let name = plain(&panel.machine);
            out.push_str(&format!("{name}\n{}\n\n", "=".repeat(name.chars().count())));
        }
        out.push_str(picture(panel).trim_end());
        out.push('\n');
    }
    out.push('\n');
    key::write(figure, &mut out);
    for panel in &figure.panels {
        listing::write(figure, panel, &mut out);
    }
    out
}

/// The picture of one machine.
fn picture(panel: &Panel) -> String {
    let items = item::arrange(panel);
    let brackets = Brackets::new(panel, &items);
    let mut sheet = Sheet::new(brackets.depth(), item::widest(panel, &items));
    for (at, item) in items.iter().enumerate() {
        brackets.open(panel, &items, at, &mut sheet);
        item.draw(panel, at == 0, &mut sheet);
        let is_cut = brackets.ends_after(at);
        item.branches(panel, is_cut, &mut sheet);
        brackets.close(panel, item, at, &mut sheet);
        item.onward(panel, is_cut, &mut sheet);
    }
    brackets.loose(panel, &mut sheet);
    sheet.text()
}

/// A text of one line in seven bits.
fn plain(text: &str) -> String {
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
fn marked(mark: Mark, text: &str) -> String {
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
fn fold(text: &str, width: usize) -> Vec<String> {
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

#[cfg(test)]
mod tests;
