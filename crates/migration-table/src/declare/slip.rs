//! Slips of people who know other formats: their words for a key, arrows, times in the place of events.

use crate::finding::{Finding, Findings};
use crate::rule::shape::{UNKNOWN_KEY, WRONG_TYPE};
use crate::syntax::{Entry, Node, Text, Value};
use crate::version::Version;

/// What is written in other formats, and the key that it stands for.
const WORDS: &[(&str, &[(&str, &str)])] = &[
    (
        "a transition",
        &[
            ("on", "when"),
            ("if", "when"),
            ("event", "when"),
            ("trigger", "when"),
            ("guard", "when"),
            ("cond", "when"),
            ("condition", "when"),
            ("->", "to"),
            ("=>", "to"),
            ("goto", "to"),
            ("next", "to"),
            ("target", "to"),
            ("destination", "to"),
            ("source", "from"),
            ("state", "from"),
            ("in", "from"),
        ],
    ),
    ("a state", &[("type", "kind"), ("status", "shows"), ("resources", "holds")]),
    (
        "an answer",
        &[
            ("state", "in"),
            ("from", "in"),
            ("on", "trigger"),
            ("command", "trigger"),
            ("when", "trigger"),
            ("reason", "because"),
            ("why", "because"),
        ],
    ),
];

/// What is written for `doc` in other formats.
const DOC: [&str; 4] = ["description", "desc", "comment", "summary"];

/// Signs for a way from one state to another.
const ARROWS: [&str; 3] = ["->", "=>", "→"];

/// Returns the key of a declaration that a word of another format stands for.
pub(super) fn meant(noun: &str, word: &str) -> Option<&'static str> {
    let words = WORDS.iter().find(|(known, _)| *known == noun).map_or(&[][..], |(_, words)| words);
    let key = words.iter().find(|(known, _)| *known == word).map(|(_, key)| *key);
    key.or(DOC.contains(&word).then_some("doc"))
}

/// Says that a key and its value are one word to YAML, for lack of a space after the colon. Returns the key.
pub(super) fn without_space(
    entry: &Entry,
    noun: &str,
    keys: &[(&'static str, bool)],
    out: &mut Findings,
) -> Option<&'static str> {
    let Value::Scalar(after) = &entry.value.value else { return None };
    let (word, value) = entry.key.text.split_once(':').filter(|_| entry.key.plain && after.text.is_empty())?;
    let (key, _) = keys.iter().find(|(key, _)| *key == word)?;
    let message = format!("unknown key `{}`: a space is missing after the colon", entry.key.text);
    let finding = Finding::error(UNKNOWN_KEY.code, entry.key.span, message, format!("not a key of {noun}"));
    out.push(finding.with_help(format!("write `{key}: {}`", value.trim())));
    Some(key)
}

/// Says that a key and its value are one word to YAML, for lack of a colon between them. Returns the key.
pub(super) fn without_colon(
    entry: &Entry,
    noun: &str,
    keys: &[(&'static str, bool)],
    is_given: impl Fn(&str) -> bool,
    out: &mut Findings,
) -> Option<&'static str> {
    let text = &entry.key.text;
    let (word, value) = text.split_once([' ', '=']).filter(|_| entry.key.plain)?;
    let is_key = |key: &str| (key == word || meant(noun, word) == Some(key)) && !is_given(key);
    let (key, _) = keys.iter().find(|(key, _)| is_key(key))?;
    let message = match *key == word {
        true => format!("unknown key `{text}`: a colon is missing after `{key}`"),
        false => format!("unknown key `{text}`: `{word}` stands for the key `{key}`"),
    };
    let finding = Finding::error(UNKNOWN_KEY.code, entry.key.span, message, format!("not a key of {noun}"));
    let value = value.trim_start_matches([' ', '=']);
    let is_whole = matches!(&entry.value.value, Value::Scalar(after) if after.text.is_empty()) && !value.contains('"');
    out.push(match is_whole {
        true => finding.with_help(format!("write `{key}: {value}`")),
        false => finding.with_help(format!("put `{key}:` before the value")),
    });
    Some(key)
}

/// Says that an arrow stands where the key `to` is needed. Returns the keys whose values the arrow is among: what they
/// are was said.
pub(super) fn arrow(entry: &Entry, noun: &str, out: &mut Findings) -> Option<Vec<&'static str>> {
    if noun != "a transition" {
        return None;
    }
    let (text, from) = match &entry.value.value {
        Value::Scalar(value) if entry.key.text == "from" => (value, "from"),
        Value::Scalar(value) if entry.key.text == "when" => (value, "when"),
        Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_) | Value::Refused => (&entry.key, ""),
    };
    let (at, arrow) = ARROWS.iter().find_map(|arrow| Some((text.text.find(arrow)?, *arrow)))?;
    let (before, after) = (text.text[..at].trim(), text.text[at + arrow.len()..].trim());
    if before.is_empty() || after.is_empty() {
        return None;
    }
    let when = match &entry.value.value {
        Value::Scalar(value) if !value.text.is_empty() => value.text.as_str(),
        Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_) | Value::Refused => "...",
    };
    let (help, glued) = match from {
        "from" => (format!("write `from: {before}` and `to: {after}`"), vec!["from", "to"]),
        "when" => (format!("write `when: {before}` and `to: {after}`"), vec!["when", "to"]),
        _ => (format!("write `from: {before}`, `when: {when}` and `to: {after}`"), vec!["from", "when", "to"]),
    };
    let message = format!("`{arrow}` stands for the key `to`");
    let finding = Finding::error(UNKNOWN_KEY.code, text.part(at, arrow.len()), message, "no part of the format");
    out.push(finding.with_help(help));
    Some(glued)
}

/// Returns what to write in the place of a list where one value is expected, by the declaration and the key that it is for.
pub(super) fn list(noun: &str, key: &str, list: &Node, is_block: bool) -> Option<String> {
    let mut words = Vec::new();
    let are_words = flatten(list, &mut words);
    let is_item = list.owner.start == list.span.start;
    match (noun, key, words.as_slice()) {
        ("a transition", "to", [_, _, ..]) => Some("write a row for each state that is entered".to_owned()),
        _ if !are_words || is_block || key == "allow" => None,
        (_, _, []) => None,
        (_, _, words) if is_item => Some(format!("write `{}`", words.join(", "))),
        (_, _, [word]) => Some(format!("write `{key}: {word}`")),
        ("a transition", "when", words) => {
            let (all, any) = (words.join(" and "), words.join(" or "));
            Some(format!("write `when: {all}` if it takes all of them, or `when: {any}`"))
        }
        _ => None,
    }
}

/// Collects the words of a list, and of lists in it, as they are written. Returns whether it has nothing else.
fn flatten(node: &Node, words: &mut Vec<String>) -> bool {
    match &node.value {
        Value::Scalar(text) if text.plain => words.push(text.text.clone()),
        Value::Scalar(text) => words.push(format!("\"{}\"", text.text)),
        Value::Sequence(nodes) => return nodes.iter().all(|node| flatten(node, words)),
        Value::Mapping(_) | Value::Refused => return false,
    }
    true
}

/// Says that names stand in parentheses, which YAML does not know: the first at a key, and each of the others as a key of its
/// own. Returns how many of the others there are.
pub(super) fn parentheses(entries: &[&Entry], out: &mut Findings) -> Option<usize> {
    let (entry, others) = entries.split_first()?;
    let Value::Scalar(text) = &entry.value.value else { return None };
    let first = text.text.strip_prefix('(').filter(|first| text.plain && !first.contains([' ', ')']))?;
    let is_lonely = |entry: &Entry| {
        matches!(&entry.value.value, Value::Scalar(after) if after.text.is_empty()) && !entry.key.text.contains(' ')
    };
    let mut names = vec![first];
    for other in others.iter().take_while(|entry| is_lonely(entry)) {
        let name = other.key.text.as_str();
        let Some(last) = name.strip_suffix(')') else {
            names.push(name);
            continue;
        };
        names.push(last);
        let message = "expected a list of names, found names in parentheses";
        let finding = Finding::error(WRONG_TYPE.code, text.span.until(other.key.span), message, "no list, to YAML");
        out.push(finding.with_help(format!("put several names into brackets: `[{}]`", names.join(", "))));
        return Some(names.len() - 1);
    }
    None
}

/// Returns what to write in the place of several names that are one text to YAML, for lack of a bracket.
pub(super) fn several(text: &Text) -> Option<String> {
    let names = text.text.trim_start_matches(['(', '[']).trim_end_matches([')', ']']);
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    let is_name = |name: &str| !name.is_empty() && name.trim_matches('"').bytes().all(is_letter);
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    if !names.iter().all(|name| is_name(name)) {
        return None;
    }
    match names.as_slice() {
        [name] => (*name != text.text).then(|| format!("write `{name}`")),
        names => Some(format!("put several names into brackets: `[{}]`", names.join(", "))),
    }
}

/// Returns what to write into the formula of a row where a second one, or a part of it, has a key of its own.
pub(super) fn second_formula(noun: &str, entry: &Entry, when: Option<&Node>) -> Option<String> {
    let Value::Scalar(when) = &when.filter(|_| meant(noun, &entry.key.text) == Some("when"))?.value else {
        return None;
    };
    let Value::Scalar(more) = &entry.value.value else { return None };
    let part = |text: &str| if text.contains(" or ") { format!("({text})") } else { text.to_owned() };
    let both = format!("{} and {}", part(&when.text), part(&more.text));
    (!more.text.is_empty()).then(|| format!("leave it out, and write `when: {both}`"))
}

/// Returns what to write in the place of a number that is no name and no release, with quotes or without.
pub(super) fn number(key: &str, text: &Text) -> Option<&'static str> {
    match key {
        "since" | "removed" if text.text.parse::<Version>().is_err() => {
            Some("write it like \"2.11\", \"9.0.1\" or \"9.2-rc1\"")
        }
        "machine" if text.text.starts_with(|c: char| c.is_ascii_digit()) => Some("a name begins with a letter"),
        _ => None,
    }
}

/// Returns what to do about a word that stands alone among keys and values of which one can be a list: one of several
/// names, perhaps.
pub(super) fn lonely(noun: &str, entry: &Entry) -> Option<&'static str> {
    let is_alone = matches!(&entry.value.value, Value::Scalar(after) if after.text.is_empty());
    match noun {
        _ if is_alone && entry.key.plain && entry.key.text.ends_with(['"', '\'']) => {
            Some("put a quotation mark before the text that ends here: one with a comma needs quotes")
        }
        "a transition" if is_alone => Some("put several names into brackets, as in `from: [one, other]`"),
        "an answer" if is_alone => Some("put several names into brackets, as in `in: [one, other]`"),
        // No name has a blank in it.
        _ if is_alone && entry.key.plain && entry.key.text.contains(' ') => {
            Some("put the text that this belongs to into quotation marks: one with a comma needs them")
        }
        _ => None,
    }
}

/// Returns what to do about a key that has no place in a declaration, and the key whose place it takes.
pub(super) fn bound(noun: &str, entry: &Entry) -> Option<(String, Option<&'static str>)> {
    let times = ["after", "after_ms", "delay", "timeout", "timer"];
    if !times.contains(&entry.key.text.as_str()) {
        return None;
    }
    let Value::Scalar(value) = &entry.value.value else { return None };
    let ms = milliseconds(&value.text).map_or("...".to_owned(), |ms| ms.to_string());
    let bound = format!("timer: {{ event: ..., after_ms: {ms} }}");
    match noun {
        "a transition" => {
            Some((format!("give the state that is left `{bound}`, and let `when:` name that event"), Some("when")))
        }
        "a state" => Some((format!("write `{bound}`"), None)),
        "a timeout" => Some((format!("write `after_ms: {ms}`"), Some("after_ms"))),
        _ => None,
    }
}

/// Returns what to write in the place of a value of another type, by the declaration and the key that it is for.
pub(super) fn value(noun: &str, key: &str, text: &Text) -> Option<String> {
    let ms = milliseconds(&text.text.replace('_', ""))?;
    match (noun, key) {
        ("a timeout", "after_ms") if ms > u64::from(u32::MAX) => Some(
            "a bound is at most 49 days long: `4233600000`; leave it out where nothing may end the wait".to_owned(),
        ),
        ("a transition", "when") => Some(format!(
            "give the state that is left `timer: {{ event: ..., after_ms: {ms} }}`, and name that event here"
        )),
        ("a guarantee", "after") => Some("name a command or a status".to_owned()),
        ("a property", _) => Some(
            "write a formula, such as `source.active`, or what happens, such as `source accepts cancel`".to_owned(),
        ),
        ("a state", "timeout" | "timer") => Some(format!("write `{{ event: ..., after_ms: {ms} }}`")),
        ("a timeout", "after_ms") if text.text.parse::<u64>().is_err() => Some(format!("write `{ms}`")),
        _ => None,
    }
}

/// Reads a time as people write it: `1000`, `10s`, `500 ms`, `1m`.
fn milliseconds(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..end].parse().ok()?;
    let unit = match text[end..].trim() {
        "" | "ms" => 1,
        "s" | "sec" | "seconds" => 1000,
        "m" | "min" | "minutes" => 60_000,
        _ => return None,
    };
    number.checked_mul(unit)
}
