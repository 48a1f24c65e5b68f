//! Help about rows, facts and answers.

use migration_table::Finding;

use super::edits::{quoted, state_near, with_pair, with_precedence, with_value, without_drop};

/// The lines of the machine that is written at a byte.
pub(super) fn machine_at(text: &str, at: usize) -> std::ops::Range<usize> {
    let starts = text[..at].match_indices("\n  ").map(|(found, _)| found + 3);
    let start = starts.filter(|start| !text[*start..].starts_with([' ', '#', '-'])).last().unwrap_or(0);
    let line = |at: usize| text[..at].matches('\n').count();
    line(start)..line(end_of_machine(text, start))
}

/// Where the machine that is written at a byte ends.
fn end_of_machine(text: &str, at: usize) -> usize {
    let mut lines = text[at..].match_indices('\n').map(|(found, _)| at + found + 1);
    let is_next = |start: &usize| {
        let indent = text[*start..].len() - text[*start..].trim_start_matches(' ').len();
        indent <= 2 && !text[*start..].starts_with(['\n', '#'])
    };
    lines.find(is_next).unwrap_or(text.len())
}

/// Applies help about rows, facts and answers.
pub(super) fn applied_to_the_machine(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let help = finding.help.as_deref()?;
    let (at, words, named) = (finding.span.start, quoted(help), quoted(&finding.message));
    if help.contains(" in place of ") {
        let is_meant = |pair: &&[&str]| help.contains(&format!("`{}` in place of `{}`", pair[0], pair[pair.len() - 1]));
        let exclude = |text: String, pair: &[&str]| {
            text.replacen(&format!("when: {},", pair[1]), &format!("when: {},", pair[0]), 1)
        };
        return Some(("exclude", words.chunks(2).filter(is_meant).fold(text.to_owned(), exclude)));
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
            let events = text.find("\nevents:\n")?;
            let at = events + text[events..].find(&format!("\n  {event}:"))? + 1;
            with_pair(&text, at, "outside: true")
        };
        // The rows come after the events, so that their places are still what they were before those are changed.
        let rows = finding.notes.iter().filter_map(|(row, _)| *row).chain([finding.span]).map(|row| row.start);
        let rows: Vec<usize> = rows.filter(|_| help.contains("`public: true`")).collect();
        let publish = |text: String, row: &usize| with_value(&text, *row, "public: true");
        let text = rows.iter().rev().try_fold(text.to_owned(), publish)?;
        return Some(("outside", quoted(events).iter().try_fold(text, outside)?));
    }
    if let Some(answer) = words.iter().take(2).find(|word| word.ends_with("answer: ... }")) {
        let end = end_of_machine(text, at);
        let (line, header) = (answer.replace("...", "ignore"), "\n    answers:\n");
        let (place, header) = match text[at..end].find(header) {
            Some(found) => (at + found + header.len(), ""),
            None if words[0] == "answers:" => (end, &header[1..]),
            None => return None,
        };
        let before = text[..place].trim_end_matches('\n');
        return Some(("answer", format!("{before}\n{header}      - {line}\n{}", &text[place..])));
    }
    if let (true, Some(row)) = (help.starts_with("add `{ from: ") && help.contains(": that mends"), words.first()) {
        let transitions = "\n    transitions:\n";
        let from = row.split("from: ").nth(1)?.split(',').next()?;
        let of = help.split("`transitions:` of `").nth(1).and_then(|rest| rest.split('`').next());
        let near = of.map_or(Some(at), |of| Some(text.find(&format!("\n  {of}:\n"))? + of.len() + 5))?;
        let place = state_near(text, near, from.trim_matches('"'))?;
        let place = place + text[place..].find(transitions)? + transitions.len();
        return Some(("another row", format!("{}      - {row}\n{}", &text[..place], &text[place..])));
    }
    None
}
