//! Small questions about the text of lines.

use std::fmt::Write as _;

/// Text of a recording as it may be shown: control characters, and characters that change the direction of text, are
/// written as escapes. Line ends stay.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if (c.is_control() && c != '\n') || turns {
            let _ = write!(shown, "{}", c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The same for a name or a value: on one line, and of no more characters than anybody reads.
pub(crate) fn short(text: &str) -> String {
    const CHARS_MAX: usize = 160;
    let line = text.trim().replace('\n', " ");
    let mut shown: String = line.chars().take(CHARS_MAX).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    printable(&shown)
}

/// The word that follows `key`, up to a space, a comma or a quote; `None` if the key is not there.
pub(super) fn value_of<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let start = text.find(key)? + key.len();
    let rest = &text[start..];
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | '"' | '\'' | ')' | ']')).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|word| !word.is_empty())
}

/// Whether every character is a decimal digit, and there is one.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The shape of a text: digits are all alike. Lines of one log begin in one shape.
pub(super) fn has_shape(text: &str, shape: &str) -> bool {
    let alike = |(a, b): (u8, u8)| a == b || (a.is_ascii_digit() && b.is_ascii_digit());
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(alike)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_a_cursor_or_turns_a_text_is_shown() {
        assert_eq!(printable("a\u{1b}[2Jb\r\n\u{202e}c"), "a\\u{1b}[2Jb\\u{d}\n\\u{202e}c");
        assert_eq!(short(&"x".repeat(1_000)).chars().count(), 161);
    }
}
