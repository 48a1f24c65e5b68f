//! A finding as text for people: the same from the macro and from the command line.

mod line;

use std::fmt::Write as _;

use super::report::{Change, Level, Report};
use super::rules::rule;

use migration_table::{PRINTED_MAX, Style};

use line::{Painter, evidence, lists};

pub use line::Source;

/// What a comparison found, as text. `baseline` is the name of the old side: a release, a file. `source` is the table
/// of the new side, if it came from one.
#[must_use]
pub fn render(report: &Report, baseline: &str, source: Option<Source<'_>>, style: Style) -> String {
    let mut text = String::new();
    for change in report.changes.iter().take(PRINTED_MAX) {
        text += &render_one(change, baseline, source, style);
        text += "\n";
    }
    if report.changes.len() > PRINTED_MAX {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "... and {} more findings", report.changes.len() - PRINTED_MAX);
    }
    text
}

/// One finding as text; ends with a line break.
#[must_use]
pub fn render_one(change: &Change, baseline: &str, source: Option<Source<'_>>, style: Style) -> String {
    let painter = Painter::new(style);
    let mut text = painter.title(change.level, change.rule, &change.message);
    if let (Some(source), Some(place)) = (source, change.place) {
        text += &painter.place(source, place);
    }
    let mut line = |name: &str, value: &str| text += &painter.line(name, value);
    if let Some(machine) = &change.machine {
        line("machine", machine);
    }
    let (before, now) = lists(change);
    if !(before.is_empty() && now.is_empty()) {
        line(&format!("baseline {baseline}"), &before);
        line("now", &now);
    }
    if !change.evidence.is_empty() {
        let steps = change.evidence.len();
        line(&format!("evidence ({steps} step{})", if steps == 1 { "" } else { "s" }), &evidence(change));
    }
    line("when", &change.condition);
    let names = |names: &std::collections::BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
    if !change.breaks.is_empty() {
        line("breaks", &names(&change.breaks));
    }
    if change.breaks != change.seen_by {
        line("seen by", &names(&change.seen_by));
    }
    if let Some(rule) = rule(change.rule) {
        line("why", rule.why);
        line("keep compatible", rule.keep_compatible);
    }
    if change.level != Level::Note {
        line("accept", &format!("cargo xtask api bless --approve '{}' --reason .. --link .. --until ..", change.key()));
    }
    line("more", &format!("cargo xtask explain {}", change.rule));
    text
}
