//! Control characters, of which YAML lets a text hold few.

use super::found::Mistake;

/// Finds the first character that no YAML may hold.
pub(super) fn find(source: &str) -> Option<Mistake> {
    let is_refused = |c: char| match c {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        c => c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}'),
    };
    let (at, c) = source.char_indices().find(|(_, c)| is_refused(*c))?;
    let label = format!("the control character U+{:04X}", u32::from(c));
    Some(Mistake::new(at..at + c.len_utf8(), "the text holds a control character", label, "remove the character"))
}
