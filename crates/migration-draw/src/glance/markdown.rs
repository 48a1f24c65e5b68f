//! Texts of a table in Markdown.

use super::escaped::{Markup, escaped, is_special_underscore};

/// Makes a text stand as it is in a cell of a Markdown table; what is in backticks stays code.
pub(super) fn escape(text: &str) -> String {
    // A cell ends even within code.
    spans(text, |code| code.replace('|', "\\|"))
}

/// Makes a text stand as it is in Markdown outside of a table.
pub(super) fn prose(text: &str) -> String {
    spans(text, str::to_owned)
}

fn spans(text: &str, code: impl Fn(&str) -> String) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    escaped(&text, &MARKDOWN, |_, part, _| format!("`{}`", code(part)))
}

const MARKDOWN: Markup = Markup {
    is_code: |part| !part.trim().is_empty(),
    is_special: |before, c, after| match c {
        '|' | '\\' | '*' | '<' | '~' => true,
        '_' => is_special_underscore(before, after),
        ']' => after == '(' || after == '[' || after == ':',
        '&' => after == '#' || after.is_alphabetic(),
        _ => false,
    },
};

/// A text that begins a block, and that must not be read as the beginning of a list or of something else.
pub(super) fn block(text: &str) -> String {
    let text = prose(text.trim_start());
    let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if number.len() < text.len() && number.starts_with(['.', ')']) {
        let digits = text.len() - number.len();
        return format!("{}\\{number}", &text[..digits]);
    }
    if text.starts_with(['#', '>', '+', '-', '=']) { format!("\\{text}") } else { text }
}
