//! Texts of a table among markup: what is in backticks is code, and everything else stands as it is, whatever it would
//! mean to the format. One reading of backticks for all formats, so that a text is code in each of them or in none.

/// What means something in a format.
pub(super) struct Markup {
    /// Whether what stands in backticks can be code.
    pub(super) is_code: fn(&str) -> bool,
    /// Whether a character would be markup, between the one before it and the one after it; a space where there is none.
    pub(super) is_special: fn(char, char, char) -> bool,
}

/// A text with nothing in it but code and what stands as it is. `code` writes code: it is given what is written so far,
/// the code, and the character that follows.
pub(super) fn escaped(text: &str, markup: &Markup, code: impl Fn(&str, &str, Option<char>) -> String) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let mut escaped = String::with_capacity(text.len());
    for (at, part) in parts.iter().enumerate() {
        let is_closed = at + 1 < parts.len();
        if at % 2 == 1 && is_closed && (markup.is_code)(part) {
            let code = code(&escaped, part, parts[at + 1].chars().next());
            escaped.push_str(&code);
        } else if at % 2 == 1 {
            escaped.push_str(&format!("\\`{}{}", marks(part, markup), if is_closed { "\\`" } else { "" }));
        } else {
            escaped.push_str(&marks(part, markup));
        }
    }
    escaped
}

/// Escapes what would be markup.
fn marks(text: &str, markup: &Markup) -> String {
    let mut escaped = String::with_capacity(text.len());
    let (mut before, mut rest) = (' ', text.chars().peekable());
    while let Some(c) = rest.next() {
        if (markup.is_special)(before, c, rest.peek().copied().unwrap_or(' ')) {
            escaped.push('\\');
        }
        escaped.push(c);
        before = c;
    }
    escaped
}

/// Whether an underscore would be markup: within a word it means nothing, and names are full of it.
pub(super) fn is_special_underscore(before: char, after: char) -> bool {
    !(before.is_alphanumeric() && after.is_alphanumeric())
}
