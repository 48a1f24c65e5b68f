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
mod node;
mod sheet;
mod stub;
mod words;

use self::brackets::Brackets;
use self::sheet::Sheet;
use self::words::{COLUMNS, plain};
use super::figure::{Figure, Panel};
use super::{label, wrap};

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

#[cfg(test)]
mod tests;
