//! The lines of a finding: a name on the left, what it says on the right, folded.

use annotate_snippets::renderer::{AnsiColor, Style as Colour};

use crate::compare::report::{Change, Level, Step};
use crate::public::{Label, Reply};
use migration_table::Span;
use migration_table::Style;

/// The text that a finding points into.
#[derive(Clone, Copy, Debug)]
pub struct Source<'t> {
    /// The name by which the reader knows it.
    pub file: &'t str,
    /// The text itself.
    pub text: &'t str,
}

/// The width of the names on the left.
const NAME_CHARS: usize = 22;

/// The width of what stands on the right.
const VALUE_CHARS: usize = 96;

/// Writes lines, with colours or without.
pub(super) struct Painter {
    style: Style,
}

impl Painter {
    pub(super) fn new(style: Style) -> Painter {
        Painter { style }
    }

    pub(super) fn title(&self, level: Level, rule: &str, message: &str) -> String {
        let colour = match level {
            Level::Break => AnsiColor::BrightRed,
            Level::Warn => AnsiColor::Yellow,
            Level::Note => AnsiColor::BrightGreen,
        };
        let head = self.paint(colour.on_default().bold(), &format!("{}[{rule}]", level.name()));
        format!("{head}{}\n", self.paint(Colour::new().bold(), &format!(": {message}")))
    }

    /// The place in the table, and the line that stands there.
    pub(super) fn place(&self, source: Source<'_>, place: Span) -> String {
        let blue = |text: &str| self.paint(AnsiColor::BrightBlue.on_default().bold(), text);
        let mut text = format!("  {} {}:{}:{}\n", blue("-->"), source.file, place.line, place.column);
        if let Some(line) = source.text.lines().nth(place.line.saturating_sub(1)) {
            text += &format!("   {} {}\n", blue("|"), line.trim());
        }
        text
    }

    /// Writes a value beside its name, folded.
    pub(super) fn line(&self, name: &str, value: &str, text: &mut String) {
        for (index, part) in fold(value).iter().enumerate() {
            self.command(if index == 0 { name } else { "" }, part, text);
        }
    }

    /// Writes a command, which the reader may copy, on one line beside its name.
    pub(super) fn command(&self, name: &str, command: &str, text: &mut String) {
        let name = self.paint(AnsiColor::BrightBlue.on_default(), &format!("{name:NAME_CHARS$}"));
        *text += &format!("  {name}  {command}\n");
    }

    fn paint(&self, colour: Colour, text: &str) -> String {
        match self.style {
            Style::Plain => text.to_string(),
            Style::Coloured => format!("{colour}{text}{colour:#}"),
        }
    }
}

/// Folds a text into lines that are not too long.
fn fold(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("there is one line at least");
        if last.is_empty() {
            last.push_str(word);
        } else if last.chars().count() + 1 + word.chars().count() <= VALUE_CHARS {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_string());
        }
    }
    lines
}

/// What was possible at the end of the evidence before, and what is now; what only one of them has is marked there.
pub(super) fn lists(change: &Change) -> (String, String) {
    if change.before.is_empty() && change.now.is_empty() {
        return (String::new(), String::new());
    }
    let at = place_of(change).map(|place| format!("{place}: ")).unwrap_or_default();
    let list = |here: &[String], there: &[String], mark: &str| {
        let word = |word: &String| if there.contains(word) { word.clone() } else { format!("{word} ({mark})") };
        let words: Vec<String> = here.iter().map(word).collect();
        if words.is_empty() { "-".to_string() } else { format!("{at}{}", words.join(", ")) }
    };
    (list(&change.before, &change.now, "gone"), list(&change.now, &change.before, "new"))
}

/// Where both sides were before the last step, if the old side came there at all.
fn place_of(change: &Change) -> Option<String> {
    let is_about_ends = matches!(change.rule, "progress-lost" | "outcome-lost");
    if is_about_ends {
        return Some("an attempt ends as".to_string());
    }
    let before = change.evidence.split_last()?.1;
    let is_reply = matches!(change.evidence.last(), Some(Step { label: Some(Label::Reply(..)), .. }));
    if is_reply || before.iter().any(|step| step.assumed) {
        return None;
    }
    before.iter().rev().find_map(|step| match &step.label {
        Some(Label::Event(shown)) => Some(format!("after `{shown}`")),
        Some(Label::Reply(command, _)) => Some(format!("after `{command}`")),
        None => None,
    })
}

/// Steps in words, those that were taken as accepted in brackets.
pub(in crate::compare) fn words(steps: &[Step]) -> String {
    match steps {
        [] => "(at the beginning)".to_owned(),
        _ => steps.iter().map(step).collect::<Vec<_>>().join(", "),
    }
}

/// Returns the steps of the evidence of a change in words, those that were taken as accepted in brackets and those that come
/// again in braces.
#[must_use]
pub fn evidence(change: &Change) -> String {
    let steps: Vec<String> = change.evidence.iter().map(step).collect();
    let (way, round) = steps.split_at(steps.len() - change.repeated.min(steps.len()));
    let round = (!round.is_empty()).then(|| format!("and for ever {{{}}}", round.join(", ")));
    way.iter().cloned().chain(round).collect::<Vec<_>>().join(", ")
}

fn step(step: &Step) -> String {
    if let Some(changes) = step.changes() {
        return format!("set {changes}");
    }
    let text = match &step.label {
        Some(Label::Event(shown)) => shown.to_string(),
        Some(Label::Reply(command, Reply::Success)) => format!("`{command}` ok"),
        Some(Label::Reply(command, Reply::Error(class))) => format!("`{command}` {class}"),
        None => "(nothing more)".to_string(),
    };
    if step.assumed { format!("[{text}]") } else { text }
}
