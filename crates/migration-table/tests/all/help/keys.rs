//! Help about formulas, keys of a declaration and whole declarations.

use migration_table::{Finding, Span};

use super::edits::{
    line_of, quoted, replaced, state_near, with_pair, with_value, without_item, without_line, without_pair,
    without_pair_named,
};

/// Applies a help about a formula.
pub(super) fn applied_to_formulas(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let help = finding.help.as_deref().filter(|_| finding.code.0 == "T0113")?;
    let (span, words) = (finding.span, quoted(help));
    if help.starts_with("write `and ") {
        return Some(("join", replaced(text, span, words[0])));
    }
    if help.contains("leave out `") || help.starts_with("leave it out") || help.ends_with("leave `(` out") {
        return Some(("leave out of a formula", replaced(text, span, "")));
    }
    let word = help.strip_prefix("write `")?.strip_suffix('`')?;
    Some(("word of a formula", replaced(text, span, &format!("{word} "))))
}

/// Applies a help about a key or a list of a declaration.
pub(super) fn applied_to_keys(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let help = finding.help.as_deref()?;
    let (span, words) = (finding.span, quoted(help));
    if let ("T0507", [member, "qmp:"]) = (finding.code.0, words.as_slice()) {
        return Some(("tell reasons", text.replacen("\nqmp: { ", &format!("\nqmp: {{ {member}, "), 1)));
    }
    if help.starts_with("remove `reason` here") {
        return Some(("no reason", without_pair_named(text, span.start, "reason")?));
    }
    if help == "remove `renamed_from` here" {
        return Some(("not renamed", without_pair_named(text, span.start, "renamed_from")?));
    }
    if let [keys @ .., "answer: refuse"] = words.as_slice() {
        let without = |text: String, key: &&str| without_pair_named(&text, span.start, key);
        return Some(("nobody is told", keys.iter().rev().try_fold(text.to_owned(), without)?));
    }
    if help.starts_with("leave `except` out") {
        return Some(("takes nothing", without_pair_named(text, span.start, "except")?));
    }
    if help.starts_with("leave it out here, or name what") {
        return Some(("takes less", without_item(text, span)));
    }
    if help.starts_with("add `because:") {
        return Some(("say why", with_pair(text, span.start, words[0])?));
    }
    if let ([code, "allow:", ..], true) = (words.as_slice(), help.starts_with("remove `T")) {
        let (line, end) = line_of(text, span.start)?;
        let block = text[line..end].split("allow: {").nth(1).unwrap_or_default();
        let only = block.trim_start().starts_with(&format!("{code}:")) && !block.contains("\", T");
        return Some((
            "allow not",
            match (only, text[..span.start].ends_with("{ ")) {
                (true, _) => without_pair_named(text, span.start, "allow")?,
                (false, true) => {
                    let (_, rest) = text[span.start..].split_once("\", ")?;
                    format!("{}{rest}", &text[..span.start])
                }
                (false, false) => without_pair(text, span.start)?,
            },
        ));
    }
    if help.starts_with("leave `in:` out") {
        let at = span.start + text[span.start..].find("in: any, ")?;
        return Some(("answer anywhere", format!("{}{}", &text[..at], &text[at + "in: any, ".len()..])));
    }
    if help == "write `public: true` in each of them" {
        let rows = finding.notes.iter().filter_map(|(row, _)| *row).chain([span]);
        let publish = |text: String, row: Span| with_value(&text, row.start, "public: true");
        let mut rows: Vec<Span> = rows.collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.start));
        return Some(("publish all", rows.into_iter().try_fold(text.to_owned(), publish)?));
    }
    let has_arrow = finding.message.starts_with('`') && finding.message.ends_with("stands for the key `to`");
    if let (true, [.., to]) = (has_arrow && finding.code.0 == "T0102", words.as_slice()) {
        let (line, end) = line_of(text, span.start)?;
        let (arrow, state) = (&text[span.start..span.end], to.strip_prefix("to: ")?);
        let old = match words.as_slice() {
            [from, when, _] => {
                format!("{} {arrow} {state}: {}", from.strip_prefix("from: ")?, when.strip_prefix("when: ")?)
            }
            _ => format!("{} {arrow} {state}", words[0]),
        };
        let row = text[line..end].replacen(&old, &words.join(", "), 1);
        return Some(("arrow", format!("{}{row}{}", &text[..line], &text[end..])));
    }
    match (help, words.as_slice()) {
        (_, [negated]) if negated.starts_with("not ") && finding.code.0 == "T0107" => {
            Some(("negation", replaced(text, span, negated)))
        }
        (_, [pair]) if finding.code.0 == "T0102" && help.starts_with("write `") => {
            Some(("space after the colon", replaced(text, span, pair)))
        }
        ("leave it out here" | "leave it out here: a happy path names each state once", _) => {
            Some(("listed once", without_item(text, span)))
        }
        ("leave it out" | "leave the tag out", _) if finding.code.0 == "T0107" => {
            Some(("plain YAML", replaced(text, span, "")))
        }
        (_, [wire, ..]) if wire.starts_with("wire: ") && help.starts_with("say ") => {
            Some(("wire", with_pair(text, span.start, wire)?))
        }
        (_, [release]) if finding.code.0 == "T0503" && help.starts_with("write `\"") => {
            Some(("release", replaced(text, span, release)))
        }
        _ => None,
    }
}

/// Applies a help about the kind of a state, or about the ends of a message.
pub(super) fn applied_to_kinds(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let help = finding.help.as_deref()?;
    let (span, words) = (finding.span, quoted(help));
    let kind = match words.as_slice() {
        [state, "kind: idle"] => Some(("kind: idle", state)),
        [kind, state, ..] if kind.starts_with("kind: ") => Some((*kind, state)),
        _ => None,
    };
    if let Some((kind, state)) = kind {
        let of = words.get(2).filter(|of| help.contains(&format!("`{state}` of `{of}`")));
        let near = of.map_or(Some(span.start), |of| Some(text.find(&format!("\n  {of}:\n"))? + of.len() + 5))?;
        let at = state_near(text, near, state)?;
        return Some(("another kind", with_value(text, at, kind)?));
    }
    if let (true, [from_to]) = (help.starts_with("write `from: "), words.as_slice())
        && finding.code.0 == "T0209"
    {
        let (from, to) = from_to.split_once(", ")?;
        return Some(("the other way", with_value(&with_value(text, span.start, to)?, span.start, from)?));
    }
    None
}

/// Applies a help about the states that an answer is for.
pub(super) fn applied_to_answers(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let help = finding.help.as_deref().filter(|_| finding.code.0 == "T0405")?;
    let (span, words) = (finding.span, quoted(help));
    match words.as_slice() {
        [list] if list.starts_with("in: [") => {
            let (line, end) = line_of(text, span.start)?;
            let key = line + text[line..end].find("in: ")?;
            let value_end = match text[key + 4..].starts_with('[') {
                true => key + text[key..].find(']')? + 1,
                false => key + text[key..].find(',')?,
            };
            Some(("answer where", format!("{}{list}{}", &text[..key], &text[value_end..])))
        }
        [states @ .., "except:"] => {
            let (line, end) = line_of(text, span.start)?;
            let key = line + text[line..end].find("except: ")? + "except: ".len();
            let (open, close) = match text[key..].starts_with('[') {
                true => (key + 1, key + text[key..].find(']')?),
                false => (key, key + text[key..].find(',')?),
            };
            let (known, more) = (&text[open..close], states.join(", "));
            let (before, after) = (&text[..key], text[close..].trim_start_matches(']'));
            Some(("answer except as well", format!("{before}[{known}, {more}]{after}")))
        }
        [trigger, row, "answers:"] if help.starts_with("take `") => {
            let others = without_trigger(text, span.start, trigger)?;
            let (_, end) = line_of(&others, span.start)?;
            Some(("answer of its own", format!("{}\n      - {row}{}", &others[..end], &others[end..])))
        }
        [trigger] if help.starts_with("take `") => {
            Some(("answer of others", without_trigger(text, span.start, trigger)?))
        }
        [except] if except.starts_with("except: ") => Some(("answer except", with_pair(text, span.start, except)?)),
        _ => None,
    }
}

/// Applies a help about a whole declaration.
pub(super) fn applied_to_declarations(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let help = finding.help.as_deref()?;
    let words = quoted(help);
    match words.as_slice() {
        [line, "reserved:"] if help.starts_with("add ") => {
            let line = line.replacen("removed: \"...\"", "removed: \"1.0\"", 1).replacen("...", "was in use", 1);
            Some(("reserve", text.replacen("\nreserved:\n", &format!("\nreserved:\n  {line}\n"), 1)))
        }
        [was, name, "reserved:"] => {
            let at = text.find(&format!("\n  {name}:"))? + 1;
            let (start, end) = line_of(text, at)?;
            let old = text[start..end].split("was: ").nth(1)?.split(',').next()?;
            let line = text[start..end].replacen(&format!("was: {old}"), was, 1);
            Some(("reserved as", format!("{}{line}{}", &text[..start], &text[end..])))
        }
        [name, list @ "statuses:"] if help.starts_with("move ") => {
            let at = text.find(&format!("\n  {name}:"))? + 1;
            let (start, end) = line_of(text, at)?;
            let moved = format!("\n{list}\n{}\n", &text[start..end]);
            Some(("first", without_line(text, at).replacen(&format!("\n{list}\n"), &moved, 1)))
        }
        _ => None,
    }
}

/// The text without a trigger in the list of the answer in the line of a byte.
fn without_trigger(text: &str, at: usize, trigger: &str) -> Option<String> {
    let (line, end) = line_of(text, at)?;
    let list = line + text[line..end].find("trigger: [")? + "trigger: [".len();
    let start = list + text[list..end].find(trigger)?;
    Some(without_item(text, Span { start, end: start + trigger.len(), ..Span::default() }))
}
