//! The words of a line: names that need no quotes, names that do, and a few signs.

use std::fmt::Write;

/// A word or a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A word without quotes: a keyword or a name.
    Bare(String),
    /// A name in quotes; never a keyword.
    Quoted(String),
    /// `:`, `!`, `#`, `+`, `(`, `)`.
    Sign(char),
    /// `->`.
    Arrow,
}

/// Words that mean something; names that are the same are quoted.
const KEYWORDS: [&str; 32] = [
    "after",
    "always",
    "and",
    "at",
    "begins",
    "caught",
    "case",
    "command",
    "comes",
    "deprecated",
    "end",
    "ends",
    "events",
    "fail",
    "first",
    "gate",
    "in",
    "not",
    "of",
    "on",
    "or",
    "poll",
    "removed",
    "renamed-from",
    "rests",
    "see",
    "since",
    "skip",
    "status",
    "success",
    "unless",
    "when",
];

/// A name as it is written.
pub(super) fn quoted(name: &str) -> String {
    if is_bare(name) {
        return name.to_owned();
    }
    let mut text = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if c.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{{{:x}}}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text + "\""
}

fn is_bare(name: &str) -> bool {
    !name.is_empty() && name.chars().all(is_bare_char) && !is_keyword(name)
}

/// Whether a word without quotes is no name.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

fn is_bare_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=' | '/')
}

/// The words of a line; none if it is not made of words.
pub(super) fn tokens(line: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let taken = if let Some(after) = rest.strip_prefix("->") {
            tokens.push(Token::Arrow);
            rest.len() - after.len()
        } else if is_bare_char(c) {
            let word = rest.split(|c| !is_bare_char(c)).next().unwrap_or_default();
            tokens.push(Token::Bare(word.to_owned()));
            word.len()
        } else if c == '"' {
            let (name, length) = unquoted(rest)?;
            tokens.push(Token::Quoted(name));
            length
        } else {
            match c {
                ' ' => {}
                ':' | '!' | '#' | '+' | '(' | ')' => tokens.push(Token::Sign(c)),
                _ => return None,
            }
            c.len_utf8()
        };
        rest = rest.get(taken..)?;
    }
    Some(tokens)
}

/// The name in quotes with which a text begins, and its length with the quotes.
fn unquoted(text: &str) -> Option<(String, usize)> {
    let mut name = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((name, at + 1)),
            '\\' => match chars.next()?.1 {
                c @ ('"' | '\\') => name.push(c),
                'u' => {
                    let digits: String =
                        chars.by_ref().map(|(_, c)| c).skip(1).take_while(|c| *c != '}').take(8).collect();
                    name.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                }
                _ => return None,
            },
            c => name.push(c),
        }
    }
    None
}
