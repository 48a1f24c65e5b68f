//! Help about single lines and keys.

use migration_table::{Finding, Span};

use super::edits::{
    is_within_a_line, line_of, quoted, replaced, state_near, with_pair, with_value, without_declaration, without_item,
    without_line, without_pair, without_pair_named,
};

/// Applies a help about lines.
pub(super) fn applied_otherwise(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let help = finding.help.as_deref()?;
    let (span, words) = (finding.span, quoted(help));
    let at_span = text.get(span.start..span.end)?;
    match help {
        "keep one of the two" if is_within_a_line(text, span.start) => {
            return Some(("remove the pair", without_pair(text, span.start)?));
        }
        "remove this line"
        | "keep one of the two"
        | "remove this line, or lead it elsewhere"
        | "correct the formula, or remove the row"
        | "change the formula, or remove the row"
        | "change the formula or the precedence, or remove the row" => {
            return Some(("remove the line", without_line(text, span.start)));
        }
        "remove it, or use it" => return Some(("remove the declaration", without_declaration(text, span.start))),
        "remove the character" => return Some(("remove the character", replaced(text, span, ""))),
        "remove `timer:`" => return Some(("no timer", without_pair_named(text, span.start, "timer")?)),
        "write `public: true`" => return Some(("publish", with_value(text, span.start, "public: true")?)),
        "remove `public: true`" => {
            let line = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
            let end = line + text[line..].find('\n')?;
            let flag = line + text[line..end].find("public: true")?;
            let before = text[..flag].rfind(',')?;
            return Some(("publish not", format!("{}{}", &text[..before], &text[flag + "public: true".len()..])));
        }
        _ => {}
    }
    if let (true, [sibling]) = (help.starts_with("indent it like "), words.as_slice()) {
        return Some(("column", indented_like(text, span, &format!("{sibling} "))?));
    }
    match (help, words.as_slice()) {
        ("indent it like the other items of the list", _) => {
            return Some(("column of an item", indented_like(text, span, "- ")?));
        }
        ("write a space after it", _) => return Some(("dash", replaced(text, span, "- "))),
        ("leave this comma out" | "leave this sign out", _) => return Some(("nothing", replaced(text, span, ""))),
        (_, [bracket @ ("{" | "["), name]) if help.starts_with("add `") && help.contains("before") => {
            let space = if *bracket == "{" { " " } else { "" };
            return Some(("bracket", replaced(text, span, &format!("{bracket}{space}{name}"))));
        }
        (_, [new]) if finding.code.0 == "T0101" && help.starts_with("write `") && !help.contains("...") => {
            let is_space = finding.message.ends_with("a space is missing after a colon") && !new.ends_with('{');
            return (!is_space).then(|| ("colon", replaced(text, span, new)));
        }
        (_, [list]) if finding.code.0 == "T0105" && help.starts_with("put several names into brackets: `[") => {
            return Some(("brackets", replaced(text, span, list)));
        }
        _ => {}
    }
    if let Some((many, _)) = help.strip_prefix("indent with spaces: ").and_then(|rest| rest.split_once(' ')) {
        return Some(("indent", replaced(text, span, &" ".repeat(many.parse().ok()?))));
    }
    if help.starts_with("add a comma after") {
        let before = text[..span.start].trim_end().len();
        return Some(("comma", format!("{},{}", &text[..before], &text[before..])));
    }
    if let Some(word) = help.strip_prefix("put the text in quotes: ") {
        let plain = word.trim_matches('"');
        return Some(("text in quotes", text.replacen(plain, word, 1)));
    }
    if let Some(word) = help.strip_prefix("put the text in straight quotes: ") {
        return Some(("straight quotes", replaced(text, span, word)));
    }
    if help.starts_with("write `") && !help.contains("...") && at_span.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(("number", replaced(text, span, words[0])));
    }
    if help.starts_with("remove it, here and where it is only spoken of") {
        let mut spans: Vec<Span> = finding.notes.iter().filter_map(|(span, _)| *span).collect();
        spans.sort_by_key(|span| std::cmp::Reverse(span.start));
        let without = |text: String, span: &Span| match text[..span.start].ends_with("guard: ") {
            true => without_pair_named(&text, span.start, "guard"),
            false => Some(without_item(&text, *span)),
        };
        let text = spans.iter().try_fold(text.to_owned(), without)?;
        return Some(("remove everywhere", without_declaration(&text, span.start)));
    }
    if help.starts_with("remove it here, or ") {
        return Some(("not listed", without_item(text, span)));
    }
    if help.starts_with("add `}`") {
        let end = span.start + text[span.start..].find('\n')?;
        return Some(("close", format!("{} }}{}", &text[..end], &text[end..])));
    }
    if let Some(line) = words.first().filter(|line| help.starts_with("write `happy_path: [") && !line.is_empty()) {
        let start = text[..span.start].rfind("happy_path: [")?;
        let end = start + text[start..].find(']')? + 1;
        return Some(("happy path", format!("{}{line}{}", &text[..start], &text[end..])));
    }
    if let Some(line) = help.strip_prefix("exchange `from:` and `to:` of the transition in line ") {
        let line: usize = line.split(':').next()?.parse().ok()?;
        let at = text.match_indices('\n').nth(line.checked_sub(2)?)?.0 + 1;
        return Some(("turn round", turned(text, at)?));
    }
    if help.starts_with("exchange `from:` and `to:`") {
        let note = |note: &str| note == "leads the other way";
        let row = finding.notes.iter().find_map(|(place, text)| place.filter(|_| note(text)))?;
        return Some(("turn round", turned(text, row.start)?));
    }
    if help.starts_with("put `") && help.contains(" between ") {
        let [between @ .., _, _] = words.as_slice() else { return None };
        return Some((
            "between",
            replaced(text, Span { end: span.start, ..span }, &format!("{}, ", between.join(", "))),
        ));
    }
    None
}

/// Applies a help about what a state holds.
pub(super) fn applied_to_holds(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let help = finding.help.as_deref()?;
    let (span, words) = (finding.span, quoted(help));
    if let ([resource, "holds:", states @ ..], true) = (words.as_slice(), help.starts_with("add `")) {
        let held = |text: String, state: &&str| {
            let (line, end) = line_of(&text, state_near(&text, span.start, state)?)?;
            let known = text[line..end].split("holds: ").nth(1).map_or("", |rest| match rest.strip_prefix('[') {
                Some(list) => list.split(']').next().unwrap_or_default(),
                None => rest.split([',', ' ']).next().unwrap_or_default(),
            });
            let all = format!("holds: [{known}, {resource}]").replace("[, ", "[");
            let without = without_pair_named(&text, line, "holds").unwrap_or_else(|| text.clone());
            with_pair(&without, line, &all)
        };
        return Some(("hold", states.iter().try_fold(text.to_owned(), held)?));
    }
    None
}

/// The text with the line of a place indented like the nearest other line that begins with a word.
fn indented_like(text: &str, span: Span, sibling: &str) -> Option<String> {
    let (start, end) = line_of(text, span.start)?;
    let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    let is_sibling = |at: &usize| {
        let line = format!("{} ", text[*at..].lines().next().unwrap_or_default().trim_start());
        *at != start && line.starts_with(sibling)
    };
    let near = starts.filter(is_sibling).min_by_key(|at| at.abs_diff(start))?;
    let column = text[near..].len() - text[near..].trim_start_matches(' ').len();
    Some(format!("{}{}{}{}", &text[..start], " ".repeat(column), text[start..end].trim_start(), &text[end..]))
}

/// The text with the ends of a transition exchanged.
fn turned(text: &str, at: usize) -> Option<String> {
    let (line, end) = line_of(text, at)?;
    let row = &text[line..end];
    let value = |key: &str| row.split(key).nth(1)?.split([',', ' ', '}']).next();
    let (from, to) = (value("from: ")?, value("to: ")?);
    let row = row.replacen(&format!("from: {from}"), "from: \u{0}", 1).replacen(
        &format!("to: {to}"),
        &format!("to: {from}"),
        1,
    );
    Some(format!("{}{}{}", &text[..line], row.replacen('\u{0}', to, 1), &text[end..]))
}
