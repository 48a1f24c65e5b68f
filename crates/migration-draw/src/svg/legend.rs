//! The legend: a sample and a few words for each kind of thing that occurs in the picture.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::figure::{Course, Figure, Mark, Node, Place, Tail};
use super::super::layout::{Point, Rect, Size, text_width};
use super::super::legend::numbers;
use super::super::{label, wrap};
use super::shapes::{boxed, line, marked};
use super::words::escaped;
use migration_table::model::Kind;

/// Width and height of a sample.
const SAMPLE: (i32, i32) = (26, 12);
/// Height of a row of the legend.
const ROW: i32 = 20;
/// Space between entries.
const BETWEEN: i32 = 20;

/// A sample and what it stands for.
struct Entry {
    class: String,
    sample: Sample,
    text: String,
}

enum Sample {
    Box { is_idle: bool },
    Frame,
    Region,
    Line { is_heavy: bool },
    Sign(&'static str),
}

/// Writes the legend below everything else, and says where the picture ends. `has_short` says that arrows are drawn short
/// which are no new attempts.
pub(super) fn draw(figure: &Figure, has_short: bool, width: i32, top: i32, out: &mut String) -> i32 {
    let entries = entries(figure, has_short);
    let (mut x, mut y) = (16, top + 6);
    let _ = writeln!(out, "<g class=\"legend\">");
    for entry in &entries {
        let w = SAMPLE.0 + 6 + text_width(&entry.text, Size::Small);
        if x > 16 && x + w > width - 16 {
            (x, y) = (16, y + ROW);
        }
        let _ = writeln!(out, "<g class=\"{}\">{}</g>", entry.class, sample(&entry.sample, x, y));
        let (text_x, text_y) = (x + SAMPLE.0 + 6, y + 10);
        let _ = writeln!(out, "<text class=\"note\" x=\"{text_x}\" y=\"{text_y}\">{}</text>", escaped(&entry.text));
        x += w + BETWEEN;
    }
    y += if entries.is_empty() { 0 } else { ROW };
    let fits = usize::try_from(width / 7).unwrap_or(0).max(24);
    let at_times = figure.panels.iter().any(label::says_at_times).then_some((" class=\"note\"", label::AT_TIMES_MEANS));
    let notes = figure.notes.iter().map(|note| ("", note.as_str()));
    for (class, note) in at_times.into_iter().chain(notes) {
        for line in wrap::wrap(note, fits) {
            let _ = writeln!(out, "<text{class} x=\"16\" y=\"{}\">{}</text>", y + 10, escaped(&line));
            y += ROW - 4;
        }
    }
    out.push_str("</g>\n");
    y
}

fn sample(sample: &Sample, x: i32, y: i32) -> String {
    let (w, h) = SAMPLE;
    let rect = Rect { x, y, w, h };
    let middle = y + h / 2;
    let points = [Point { x, y: middle }, Point { x: x + w, y: middle }];
    match sample {
        Sample::Box { is_idle: true } => format!("{}{}", boxed("box", rect, 4), boxed("box inner", rect.grown(-3), 2)),
        Sample::Box { is_idle: false } => boxed("box", rect, 4),
        Sample::Frame => boxed("frame", rect, 4),
        Sample::Region => boxed("region", rect, 4),
        Sample::Line { is_heavy } => line(&points, if *is_heavy { (10, 5) } else { (8, 4) }),
        Sample::Sign(sign) => {
            // Longer ones would not fit as they stand in the picture.
            let class = if sign.chars().count() == 1 { "name" } else { "shows" };
            format!("<text class=\"{class}\" x=\"{}\" y=\"{}\">{sign}</text>", x + w / 2, y + 11)
        }
    }
}

fn entries(figure: &Figure, has_short: bool) -> Vec<Entry> {
    let nodes = || figure.panels.iter().flat_map(|panel| &panel.nodes);
    let arrows = || figure.panels.iter().flat_map(|panel| &panel.arrows);
    let clusters = || figure.panels.iter().flat_map(|panel| &panel.clusters);
    let goes = |course: Course| arrows().any(|arrow| arrow.course == course);
    let is_plain = |course: Course| arrows().any(|arrow| arrow.course == course && arrow.mark == Mark::Plain);
    let is_seen = |node: &Node| node.public && node.place != Place::Aside;
    let wanted = [
        (is_plain(Course::Path), "path", Sample::Line { is_heavy: true }, "happy path"),
        (nodes().any(is_seen), "public", Sample::Box { is_idle: false }, "a client is told"),
        (
            nodes().any(|node| node.public && node.place == Place::Aside),
            "public below",
            Sample::Box { is_idle: false },
            "a client is told that it goes wrong",
        ),
        (nodes().any(|node| !node.public), "internal", Sample::Box { is_idle: false }, "internal: no client is told"),
        (nodes().any(|node| node.kind == Kind::Idle), "public", Sample::Box { is_idle: true }, "idle"),
        (clusters().any(|cluster| !cluster.is_frame), "", Sample::Region, "states with the same status"),
        (
            arrows().any(|arrow| matches!(arrow.tail, Tail::Cluster(_))),
            "",
            Sample::Frame,
            "an arrow from the frame: from every state in it",
        ),
        (is_plain(Course::Forward), "forward", Sample::Line { is_heavy: false }, "another way on"),
        (goes(Course::Aside), "aside", Sample::Line { is_heavy: false }, "failure or cancel"),
        (goes(Course::Again), "again", Sample::Sign("↩"), "a new attempt, drawn short"),
        (has_short, "", Sample::Sign("→"), "to the state of this name, drawn short"),
    ];
    let kinds = wanted.into_iter().filter(|(occurs, ..)| *occurs);
    let mut found: Vec<Entry> = kinds
        .map(|(_, class, sample, text)| Entry { class: class.to_owned(), sample, text: text.to_owned() })
        .collect();
    let marks: BTreeSet<Mark> = nodes().map(|node| node.mark).chain(arrows().map(|arrow| arrow.mark)).collect();
    for mark in marks.into_iter().filter(|mark| *mark != Mark::Plain) {
        let is_signed = !mark.sign().is_empty();
        let sample = if is_signed { Sample::Sign(mark.sign()) } else { Sample::Line { is_heavy: false } };
        let class = marked(mark).unwrap_or_default().to_owned();
        found.push(Entry { class, sample, text: mark.meaning().to_owned() });
    }
    for (sign, text) in numbers(figure).into_iter().filter_map(|sentence| sentence.split_once(": ")) {
        found.push(Entry { class: String::new(), sample: Sample::Sign(sign), text: text.to_owned() });
    }
    found
}
