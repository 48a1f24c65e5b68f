//! Changes of the text of a table, as a person would type them.

use migration_table::Span;

/// Whether a character can be part of a name.
pub(super) fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

/// What stands in the backticks of a text, in order.
pub(super) fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

pub(super) fn replaced(text: &str, span: Span, new: &str) -> String {
    format!("{}{new}{}", &text[..span.start], &text[span.end..])
}

/// The text without the line of a byte.
pub(super) fn without_line(text: &str, at: usize) -> String {
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
    format!("{}{}", &text[..start], &text[end..])
}

/// The text with another name in the place of every mention of a name.
pub(super) fn renamed(text: &str, old: &str, new: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(old) {
        let (before, after) = (&rest[..at], &rest[at + old.len()..]);
        let is_whole = !before.ends_with(is_of_name) && !after.starts_with(is_of_name);
        out.push_str(before);
        out.push_str(if is_whole { new } else { old });
        rest = after;
    }
    out + rest
}

pub(super) fn is_within_a_line(text: &str, at: usize) -> bool {
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    !text[start..at].trim_start_matches([' ', '-', '"']).is_empty()
}

/// The text without the pair of a flow mapping that begins at a byte and is not the first one.
pub(super) fn without_pair(text: &str, at: usize) -> Option<String> {
    let comma = text[..at].rfind(',')?;
    let end = at + text[at..].find([',', '}'])?;
    Some(format!("{}{}", &text[..comma], &text[end..]))
}

/// The text with a pair more in the flow mapping of the line of a byte.
pub(super) fn with_pair(text: &str, at: usize, pair: &str) -> Option<String> {
    let end = at + text[at..].find('\n')?;
    let brace = text[..end].rfind('}')?;
    Some(format!("{}, {pair} {}", text[..brace].trim_end(), &text[brace..]))
}

/// The text with a value for a key in the flow mapping of the line of a byte, whether or not it has one there.
pub(super) fn with_value(text: &str, at: usize, pair: &str) -> Option<String> {
    let (key, _) = pair.split_once(':')?;
    let (line, end) = line_of(text, at)?;
    let written = format!(" {key}: ");
    let found = text[line..end].match_indices(&written).map(|(found, _)| line + found + 1);
    let is_key = |start: &usize| text[line..*start].trim_end().ends_with([',', '{']);
    let Some(start) = found.filter(is_key).last() else { return with_pair(text, at, pair) };
    let after = start + key.len() + 2;
    let value = after + text[after..end].find([',', ' ', '}'])?;
    Some(format!("{}{pair}{}", &text[..start], &text[value..]))
}

/// The text with another precedence for the machine whose rows stand at a byte.
pub(super) fn with_precedence(text: &str, at: usize, line: &str) -> Option<String> {
    let states = text[..at].rfind("\n    states:")? + 1;
    let before = text[..states].trim_end_matches('\n').rfind("\n    precedence: ").map(|at| at + 1);
    // A precedence that another machine has is before the rows of that machine.
    match before.filter(|at| !text[*at..states].contains("\n    transitions:")) {
        Some(at) => {
            let end = at + text[at..].find('\n')?;
            Some(format!("{}    {line}{}", &text[..at], &text[end..]))
        }
        None => Some(format!("{}    {line}\n{}", &text[..states], &text[states..])),
    }
}

/// The text without a trigger in the `drops:` of the line of a byte.
pub(super) fn without_drop(text: &str, at: usize, trigger: &str) -> Option<String> {
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let end = at + text[at..].find('\n')?;
    let line = &text[start..end];
    let forms = [
        (format!(", drops: [{trigger}]"), ""),
        (format!(", drops: {trigger},"), ","),
        (format!(", drops: {trigger} }}"), " }"),
        (format!("[{trigger}, "), "["),
        (format!(", {trigger}"), ""),
    ];
    let (form, rest) = forms.iter().find(|(form, _)| line.contains(form))?;
    Some(format!("{}{}{}", &text[..start], line.replacen(form, rest, 1), &text[end..]))
}

/// Where the line stands that declares a state of the machine that is written at a byte.
pub(super) fn state_near(text: &str, at: usize, state: &str) -> Option<usize> {
    let is_header = |found: &(usize, &str)| {
        let line = text[found.0 + 1..].split('\n').next().unwrap_or_default();
        line.starts_with("  ") && line.ends_with(':') && !line.starts_with("   ")
    };
    let machine = text[..at].match_indices('\n').rfind(is_header).map_or(0, |(found, _)| found);
    let declared = format!("\n      {state}:");
    let near = text[machine..].find(&declared).map(|found| machine + found);
    near.or_else(|| text.find(&declared)).map(|found| found + 1)
}

/// Where the line of a byte begins and ends.
pub(super) fn line_of(text: &str, at: usize) -> Option<(usize, usize)> {
    Some((text[..at].rfind('\n').map_or(0, |at| at + 1), at + text[at..].find('\n')?))
}

/// The text without a pair, not the first one, of the flow mapping in the line of a byte: `, key: { ... }`.
pub(super) fn without_pair_named(text: &str, at: usize, key: &str) -> Option<String> {
    let (line, end) = line_of(text, at)?;
    let written = format!(" {key}: ");
    let found = text[line..end].match_indices(&written).map(|(found, _)| line + found);
    let start = found.map(|found| text[..found].trim_end().len()).find(|start| text[..*start].ends_with(','))? - 1;
    let value = start + text[start..end].find(&written)? + written.len();
    let closing = match text[value..].chars().next()? {
        '{' => value + text[value..end].find('}')? + 1,
        '[' => value + text[value..end].find(']')? + 1,
        '"' => value + 1 + text[value + 1..end].find('"')? + 1,
        _ => value + text[value..end].find([',', ' '])?,
    };
    Some(format!("{}{}", &text[..start], &text[closing..]))
}

/// The text without an item of a flow list.
pub(super) fn without_item(text: &str, item: Span) -> String {
    let comma = |from: &str| from.starts_with(", ");
    match text[..item.start].ends_with(", ") {
        true => format!("{}{}", &text[..item.start - 2], &text[item.end..]),
        false if comma(&text[item.end..]) => format!("{}{}", &text[..item.start], &text[item.end + 2..]),
        false => format!("{}{}", &text[..item.start], &text[item.end..]),
    }
}

/// The text without the line of a byte, and without the line of the list if it was all of it.
pub(super) fn without_declaration(text: &str, at: usize) -> String {
    let rest = without_line(text, at);
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let is_empty = rest[..start].ends_with(":\n") && !rest[start..].starts_with("  ");
    if is_empty { without_line(&rest, start - 1) } else { rest }
}

/// The text with another name for a status, which clients are shown as before.
pub(super) fn renamed_status(text: &str, old: &str, new: &str) -> String {
    let declared = |quote: &str| format!("\n  {quote}{old}{quote}:");
    let text = match text.find(&declared("")).or_else(|| text.find(&declared("\""))) {
        Some(at) => {
            let (line, brace) = (at + 1, at + 1 + text[at + 1..].find('{').unwrap_or(0));
            format!("{}  {new}: {{ wire: \"{old}\",{}", &text[..line], &text[brace + 1..])
        }
        None => text.to_owned(),
    };
    ["", "\""].iter().fold(text, |text, quote| {
        [",", " }"].iter().fold(text, |text, end| {
            text.replace(&format!("shows: {quote}{old}{quote}{end}"), &format!("shows: {new}{end}"))
        })
    })
}

/// The text with another name for what is no status: a status of the same name keeps it.
pub(super) fn renamed_but_statuses(text: &str, old: &str, new: &str) -> String {
    let is_word = |line: &str| !line.starts_with([' ', '#']) && !line.trim().is_empty();
    let mut is_in_statuses = false;
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        if is_word(line) {
            is_in_statuses = line.starts_with("statuses:");
        }
        if is_in_statuses {
            out.push_str(line);
            continue;
        }
        let shown: Vec<&str> = line.split("shows: ").collect();
        for (at, part) in shown.iter().enumerate() {
            let end = if at == 0 { 0 } else { part.find([',', '}']).unwrap_or(0) };
            out.push_str(if at == 0 { "" } else { "shows: " });
            out.push_str(&part[..end]);
            out.push_str(&renamed(&part[end..], old, new));
        }
    }
    out
}
