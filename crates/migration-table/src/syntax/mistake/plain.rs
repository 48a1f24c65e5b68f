//! A text without quotes, and what YAML does not let it hold.

use super::brace;
use super::found::Mistake;
use super::key::{ends_key, word};
use super::view::{Next, View};
use crate::syntax::{formulas, typographic};

/// What a text without quotes is.
pub(super) enum Plain {
    /// A key; the byte after its colon.
    Key(usize),
    /// Another text; the byte after it.
    Text(usize),
    /// Something that the writer did not mean.
    Mistake(Mistake),
}

/// Reads the text that begins at a byte, to the end of its line at most.
pub(super) fn read(view: &View<'_>, start: usize) -> Plain {
    let line = view.line_from(start);
    if let Some(mistake) = no_space(start, line).or_else(|| first_character(view, start, line)) {
        return Plain::Mistake(mistake);
    }
    let end = line.char_indices().find(|(at, c)| ends(view.is_flow, line, *at, *c)).map_or(line.len(), |(at, _)| at);
    if !line[end..].starts_with(':') {
        return match no_colon(view, start, &line[..end]) {
            Some(mistake) => Plain::Mistake(mistake),
            None => Plain::Text(start + end),
        };
    }
    match view.next {
        Next::Key => Plain::Key(start + end + 1),
        Next::Value | Next::Nothing => Plain::Mistake(second_colon(view, start, start + end)),
    }
}

/// Whether a text without quotes ends before a character of a line.
fn ends(is_flow: bool, line: &str, at: usize, c: char) -> bool {
    match c {
        ',' | '[' | ']' | '{' | '}' => is_flow,
        ':' => ends_key(&line[at..]) || (is_flow && line[at + 1..].starts_with([',', '[', ']', '{', '}'])),
        '#' => line[..at].ends_with([' ', '\t']),
        _ => false,
    }
}

/// The mistake of a character that looks like a space, or like nothing, where YAML needs a space: first in a text, after
/// the `-` of an item, or after the colon of a key.
fn no_space(start: usize, line: &str) -> Option<Mistake> {
    let looks_like_space = |c: char| (c.is_whitespace() && !c.is_ascii()) || matches!(c, '\u{200B}' | '\u{FEFF}');
    let key = word(line);
    let after_key = line[key.len()..].starts_with(':').then_some(key.len() + 1);
    let marks = [Some(0), line.starts_with('-').then_some(1), after_key].into_iter().flatten();
    let mut found = marks.filter_map(|at| Some((at, line[at..].chars().next().filter(|c| looks_like_space(*c))?)));
    let (at, c) = found.next()?;
    let at = start + at..start + at + c.len_utf8();
    let label = format!("the character U+{:04X}", u32::from(c));
    Some(Mistake::new(at, "a character that looks like a space is none", label, "write a space in its place"))
}

/// The mistake of a `;` between two pairs or items.
pub(super) fn semicolon(at: usize) -> Mistake {
    Mistake::new(at..at + 1, "a `;` stands for a comma", "separates nothing, to YAML", "write `,` for `;`")
}

/// The mistake of a character that no text without quotes can begin with.
fn first_character(view: &View<'_>, start: usize, line: &str) -> Option<Mistake> {
    let first = line.chars().next()?;
    if let Some(found) = typographic::quoted(line) {
        let label = format!("in typographic quotes, U+{:04X}", u32::from(first));
        let at = start..start + found.len;
        return Some(Mistake::new(at, "typographic quotes are no quotes", label, found.help));
    }
    let at = start..start + first.len_utf8();
    let rest = &line[first.len_utf8()..];
    let is_alone = rest.is_empty() || rest.starts_with([' ', '\t', ',', ']', '}']);
    match first {
        '*' if is_alone => {
            let help = "write `any` for every state; `except:` leaves some of them out";
            Some(Mistake::new(at, "`*` is not a name", "an alias without a name, to YAML", help))
        }
        '@' | '`' | '%' => {
            let text = line.split([',', '}', ']']).next().unwrap_or_default().trim_end();
            let help = format!("put the text in quotes: \"{text}\"");
            Some(Mistake::new(at, "a text without quotes begins with a reserved character", "reserved by YAML", help))
        }
        '&' | '!' | '-' if is_alone && view.is_flow => {
            let help = format!("put it in quotes: \"{first}\"");
            Some(Mistake::new(at, "a sign of YAML stands alone", "not a text by itself", help))
        }
        _ => None,
    }
}

/// The mistake of a line that was meant as a key and has no space after the colon.
fn no_colon(view: &View<'_>, start: usize, text: &str) -> Option<Mistake> {
    let key = word(text);
    let after = &text[key.len()..];
    if view.next != Next::Key || key.is_empty() || !after.starts_with(':') {
        return None;
    }
    let at = start + key.len();
    let value = after[1..].trim();
    if value.len() == 1 && value.bytes().all(|sign| sign.is_ascii_punctuation()) && !view.is_flow {
        let (what, help) = match value {
            "," => ("a comma stands for nothing", "leave this comma out"),
            _ => ("a sign stands for nothing", "leave this sign out"),
        };
        let at = at + after.trim_end().len() - 1;
        return Some(Mistake::new(at..at + 1, what, "separates nothing", help));
    }
    let help = format!("write `{key}: {value}`");
    let mistake = Mistake::new(at..at + 1, "a space is missing after a colon", "no space follows", help);
    (view.is_key)(key).then_some(mistake)
}

/// The mistake of a value with `: ` in it: a comma that is missing, or a text that needs quotes.
fn second_colon(view: &View<'_>, start: usize, colon: usize) -> Mistake {
    let text = &view.source[start..colon];
    let last = text.rsplit([' ', '\t']).next().unwrap_or_default();
    let value = text[..text.len() - last.len()].trim_end();
    let begins_line = view.source[..start].rsplit(['\n', '\r']).next().is_some_and(|before| before.trim().is_empty());
    let follows_value = if value.is_empty() { begins_line } else { !value.contains(' ') || is_formula(view, start) };
    if view.is_flow && (view.is_key)(last) && value.ends_with(';') {
        return semicolon(start + value.len() - 1);
    }
    if view.is_flow && (view.is_key)(last) && follows_value {
        let help = match value {
            "" => "add a comma at the end of the line before".to_owned(),
            _ => format!("add a comma after `{value}`"),
        };
        return Mistake::new(colon - last.len()..colon, "a comma is missing", "a comma is missing before this", help);
    }
    let is_of_pairs = value.is_empty() || (value.ends_with(',') && !value.contains(' '));
    let brace = (is_of_pairs && (view.is_key)(last)).then(|| brace::missing(view, colon - last.len())).flatten();
    if let Some(mistake) = brace {
        return mistake;
    }
    let line = view.line_from(start);
    let whole = match view.is_flow {
        true => line.split([',', '}', ']']).next().unwrap_or_default().trim_end(),
        false => line.trim_end(),
    };
    let help = match whole.contains('"') {
        true => "put the text in quotes".to_owned(),
        false => format!("put the text in quotes: \"{whole}\""),
    };
    Mistake::new(colon..colon + 1, "a text without quotes holds `: `", "begins another value, to YAML", help)
}

/// Whether the value that begins at a byte is that of a key whose values are formulas.
fn is_formula(view: &View<'_>, start: usize) -> bool {
    let key = view.source[..start].trim_end().strip_suffix(':').unwrap_or_default();
    formulas::KEYS
        .iter()
        .any(|formula| key.strip_suffix(formula).is_some_and(|before| before.ends_with([' ', '{', ','])))
}
