//! Help about rows, facts and answers.

use migration_table::Finding;

use super::edits::{quoted, with_pair, with_precedence, with_value, without_drop};

/// Applies help about rows, facts and answers.
pub(super) fn applied_to_the_machine(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let help = finding.help.as_deref()?;
    let (at, words, named) = (finding.span.start, quoted(help), quoted(&finding.message));
    if let (true, [new, old, ..]) = (help.contains(" in place of "), words.as_slice()) {
        let old = format!("when: {old},");
        return Some(("exclude", text.replacen(&old, &format!("when: {new},"), 1)));
    }
    if let Some(line) = words.first().filter(|word| word.starts_with("precedence: [")) {
        return Some(("precedence", with_precedence(text, at, line)?));
    }
    if let Some(drops) = help.strip_prefix("say `").and(words.first()).filter(|word| word.starts_with("drops: [")) {
        return Some(("drop", with_pair(text, at, drops)?));
    }
    if help == "remove it from `drops:`" {
        return Some(("drop not", without_drop(text, at, named.get(1)?)?));
    }
    if help.starts_with("write `fixed: true`") {
        return Some(("fix", with_value(text, at, "fixed: true")?));
    }
    if help.contains("say `outside: true`") && finding.code.0 == "T0415" {
        let (events, _) = finding.message.split_once(" in idle ")?;
        let outside = |text: String, event: &&str| {
            let at = text.find(&format!("\n  {event}:"))? + 1;
            with_pair(&text, at, "outside: true")
        };
        // The rows come after the events, so that their places are still what they were before those are changed.
        let rows = finding.notes.iter().filter_map(|(row, _)| *row).chain([finding.span]).map(|row| row.start);
        let rows: Vec<usize> = rows.filter(|_| help.contains("`public: true`")).collect();
        let publish = |text: String, row: &usize| with_value(&text, *row, "public: true");
        let text = rows.iter().rev().try_fold(text.to_owned(), publish)?;
        return Some(("outside", quoted(events).iter().try_fold(text, outside)?));
    }
    if let Some(answer) = words.first().filter(|word| word.ends_with("answer: ... }")) {
        let answers = at + text[at..].find("\n    answers:\n")? + "\n    answers:\n".len();
        let line = answer.replace("...", "ignore");
        return Some(("answer", format!("{}      - {line}\n{}", &text[..answers], &text[answers..])));
    }
    None
}
