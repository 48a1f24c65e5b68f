//! Keys and names, by the text that begins with them.

/// The word that a text begins with.
pub(super) fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(text.len());
    &text[..end]
}

/// Whether a text begins like an entry of a list or of a mapping.
pub(super) fn is_entry(text: &str) -> bool {
    let after = text.strip_prefix(word(text)).unwrap_or_default();
    text.starts_with("- ") || (!word(text).is_empty() && ends_key(after))
}

/// Whether a colon that ends a key comes next.
pub(super) fn ends_key(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}
