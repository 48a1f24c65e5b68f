//! Tables with one change, as a slip makes it: a key, a line or an item is gone, a name is misspelt, a kind is another one.

use super::edits::{line_of, without_item, without_line, without_pair_named};
use migration_table::Span;

/// The keys of which tables are deprived.
const KEYS: [&str; 14] = [
    "allow", "answer", "because", "carries", "drops", "from", "holds", "in", "kind", "outside", "public", "sends",
    "timeout", "unsent",
];

/// The keys before names.
const NAMES: [&str; 6] = ["from", "to", "when", "shows", "trigger", "event"];

const KINDS: [&str; 4] = ["idle", "work", "wait", "cleanup"];

/// All tables that differ from one in one place.
pub(super) fn of(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    for at in starts.filter(|at| *at < text.len()) {
        let Some((_, end)) = line_of(text, at) else { continue };
        let line = &text[at..end];
        if line.trim_start().starts_with('#') || !line.contains(": ") {
            continue;
        }
        all.extend(line.contains('{').then(|| without_line(text, at)));
        all.extend(KEYS.iter().filter_map(|key| without_pair_named(text, at, key)));
        all.extend(items(text, at, end).into_iter().map(|item| without_item(text, item)));
        all.extend(NAMES.iter().filter_map(|key| misspelt(text, at, end, key)));
        all.extend(KINDS.iter().filter_map(|kind| {
            let other = KINDS.iter().find(|known| line.contains(&format!("kind: {known},")))?;
            let changed = line.replacen(&format!("kind: {other},"), &format!("kind: {kind},"), 1);
            Some(format!("{}{changed}{}", &text[..at], &text[end..]))
        }));
    }
    all.retain(|changed| changed != text);
    all
}

/// The items of the lists of names in a line.
fn items(text: &str, at: usize, end: usize) -> Vec<Span> {
    let mut items = Vec::new();
    for (open, _) in text[at..end].match_indices('[').map(|(open, it)| (at + open + 1, it)) {
        let Some(close) = text[open..end].find(']').map(|close| open + close) else { continue };
        let mut start = open;
        for name in text[open..close].split(", ").filter(|name| !name.contains([' ', '"'])) {
            items.push(Span { start, end: start + name.len(), ..Span::default() });
            start += name.len() + 2;
        }
    }
    items
}

/// The text with a letter of the name after a key twice.
fn misspelt(text: &str, at: usize, end: usize, key: &str) -> Option<String> {
    let name = at + text[at..end].find(&format!(" {key}: "))? + key.len() + 3;
    let second = name + 1;
    let letter = text[second..end].chars().next().filter(char::is_ascii_lowercase)?;
    Some(format!("{}{letter}{}", &text[..second], &text[second..]))
}
