//! A finding as text for people: the same from the macro and from the command line.

mod line;

use super::report::{Change, Level};
use super::rules::rule;

use migration_table::{Invocation, Style};

use line::{Painter, evidence, lists};

pub use line::evidence as evidence_words;
pub(super) use line::words as steps_words;

pub use line::Source;

/// Returns a finding as text that ends with a line break. Its commands are those of the invocation.
#[must_use]
pub fn render_one(
    change: &Change,
    baseline: &str,
    source: Option<Source<'_>>,
    style: Style,
    invocation: &Invocation,
) -> String {
    let painter = Painter::new(style);
    let mut text = painter.title(change.level, change.rule, &change.message);
    if let (Some(source), Some(place)) = (source, change.place) {
        text += &painter.place(source, place);
    }
    let mut line = |name: &str, value: &str| painter.line(name, value, &mut text);
    let names = |names: &std::collections::BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
    if !change.breaks.is_empty() {
        line("breaks", &names(&change.breaks));
    }
    if change.breaks != change.seen_by {
        line("seen by", &names(&change.seen_by));
    }
    line("clients of", baseline);
    if let Some(machine) = &change.machine {
        line("machine", machine);
    }
    line("when", &change.condition);
    if !change.evidence.is_empty() {
        let steps = change.evidence.len();
        line(&format!("evidence ({steps} step{})", if steps == 1 { "" } else { "s" }), &evidence(change));
    }
    let (before, now) = lists(change);
    if !(before.is_empty() && now.is_empty()) {
        line("possible there before", &before);
        line("possible there now", &now);
    }
    if let Some(rule) = rule(change.rule) {
        line("why", rule.why);
        line("keep compatible", rule.keep_compatible);
    }
    if change.level != Level::Note {
        painter.command("accept", &accept(change, invocation), &mut text);
    }
    painter.command("more", &invocation.command(&["explain", change.rule]), &mut text);
    text
}

/// Returns the command that approves a finding. The words in capitals are to be replaced.
#[must_use]
pub fn accept(change: &Change, invocation: &Invocation) -> String {
    let key = change.key().to_string();
    invocation.command(&["api", "bless", "--approve", &key, "--reason", "WHY", "--link", "URL", "--until", "VERSION"])
}
