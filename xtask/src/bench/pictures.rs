//! `bench pictures`: our picture of each machine beside what other programs make of the same machine.
//!
//! Each program is given an arrow for each row and each state that the row leaves, as one writes it by hand, and, where
//! it can draw such a thing, our frames as well. A browser shows every picture and measures what it shows, by the same
//! few lines for all of them; what differs is only where a program puts its boxes, lines and words. Lengths are in
//! units in which the smallest text of the picture is 12 high, so that no picture is small by small print.
//!
//! What came of the project's own table. With an arrow for each row, of which the source has 40, the others cross
//! lines up to a hundred times, or draw over a hundred bends to avoid that, and the happy path wanders by 200 to 1000
//! units. Our frames, given to them too, end the crossings: they are the greater part of the matter. What is left to
//! our layout is that the path is level and that the picture is narrower by a third to a half, so that at the width of
//! a README its text is 9 units high and not 3 to 6; and that links, tooltips and both colour schemes are in the file,
//! and that nothing need be installed. What is better in theirs: with frames they are less high, lines may be slanted
//! and are shorter then, and a machine without a happy path or of other shapes than ours is drawn as well as any.

mod browser;
mod drawn;
mod text;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use migration_draw as draw;
use migration_draw::figure::Panel;
use migration_table::model::Table;
use serde_json::Value;

use drawn::Picture;

/// The width at which a README shows a picture.
const PAGE: f64 = 830.0;

/// The height of the smallest text, in units.
const TEXT: f64 = 12.0;

/// Draws every machine of a table with every program that is there, and says what a reader gets. The pictures are kept
/// if a folder for them is given.
pub(crate) fn run(root: &Path, table: &Table, keep: Option<&Path>) -> Result<String> {
    let mut text = String::new();
    let mut skipped: Vec<String> = Vec::new();
    for machine in &table.machines {
        let figure = draw::whole(table, machine);
        let panel = &figure.panels[0];
        let pictures = drawn::all(root, &figure, &mut skipped)?;
        let measured = match browser::measure(root, &pictures, &path(panel), &mut skipped)? {
            Some(measured) => measured,
            None => break,
        };
        if let Some(folder) = keep {
            drawn::keep(folder, &panel.machine, &pictures, &measured)?;
        }
        let _ = writeln!(text, "{}, {} states\n{}", panel.machine, panel.nodes.len(), report(&pictures, &measured));
    }
    skipped.dedup();
    for why in skipped {
        let _ = writeln!(text, "skipped: {why}");
    }
    Ok(text)
}

/// The names of the states of the happy path.
fn path(panel: &Panel) -> Vec<&str> {
    panel.path.iter().map(|node| panel.nodes[*node].id.as_str()).collect()
}

/// A column: what it is called, its width, and what stands in it.
type Column = (&'static str, usize, fn(&Value) -> String);

const COLUMNS: [Column; 10] = [
    ("arrows", 7, |found| whole(found, "arrows")),
    ("crossings", 10, |found| whole(found, "crossings")),
    ("through boxes", 14, |found| whole(found, "through")),
    ("words hit", 10, |found| whole(found, "hit")),
    ("bends", 7, |found| whole(found, "turns")),
    ("path off by", 12, |found| format!("{:.0}", figure(found, "off") * unit(found))),
    ("size", 12, |found| {
        format!("{:.0}x{:.0}", figure(found, "width") * unit(found), figure(found, "height") * unit(found))
    }),
    ("text at 830", 12, |found| format!("{:.1}", (TEXT * PAGE / (figure(found, "width") * unit(found))).min(TEXT))),
    ("links, tips", 12, |found| format!("{}, {}", whole(found, "links"), whole(found, "tips"))),
    ("dark", 5, |found| (if found["dark"] == true { "yes" } else { "no" }).to_owned()),
];

fn report(pictures: &[Picture], measured: &[Value]) -> String {
    let mut text = format!("{:<38}", "");
    for (name, width, _) in COLUMNS {
        let _ = write!(text, "{name:>width$}", width = width + 1);
    }
    text.push('\n');
    for (picture, found) in pictures.iter().zip(measured) {
        let _ = write!(text, "{:<38}", picture.name);
        if let Some(why) = found["error"].as_str() {
            let _ = writeln!(text, " not drawn: {why}");
            continue;
        }
        for (_, width, show) in COLUMNS {
            let _ = write!(text, "{:>width$}", show(found), width = width + 1);
        }
        text.push('\n');
    }
    text
}

/// What makes the smallest text as high as in every other picture.
fn unit(found: &Value) -> f64 {
    TEXT / figure(found, "font")
}

fn figure(found: &Value, key: &str) -> f64 {
    found[key].as_f64().unwrap_or(f64::NAN)
}

fn whole(found: &Value, key: &str) -> String {
    format!("{:.0}", figure(found, key))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn small_print_makes_no_picture_small() {
        let cell = |name: &str, found: &Value| -> String {
            let column = COLUMNS.iter().find(|(other, ..)| *other == name).expect("there is such a column");
            column.2(found)
        };
        let plain = json!({ "width": 1000, "height": 500, "font": 12 });
        let small = json!({ "width": 500, "height": 250, "font": 6 });
        for found in [plain, small] {
            assert_eq!(cell("size", &found), "1000x500");
            assert_eq!(cell("text at 830", &found), "10.0");
        }
    }
}
