//! Quotes as they are printed, which are no quotes to YAML: it reads them as a part of the text, so that a comma, or the
//! name that they stand around, is taken for something else.

/// The characters, opening and closing.
const QUOTES: [char; 10] = ['“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»'];

/// A text in such quotes.
pub(super) struct Quoted {
    /// The quote that it begins with.
    pub(super) opening: char,
    /// How long it is with its quotes, in bytes.
    pub(super) len: usize,
    /// What to write instead.
    pub(super) help: String,
}

/// Returns the text in typographic quotes that a source begins with, if they stand around a whole text of one line.
pub(super) fn quoted(source: &str) -> Option<Quoted> {
    let opening = source.chars().next().filter(|c| QUOTES.contains(c))?;
    let line = source.split(['\n', '\r']).next().unwrap_or_default();
    let start = opening.len_utf8();
    let is_over = |rest: &str| rest.is_empty() || rest.starts_with([',', '}', ']', ':', '#']);
    let mut closing = line[start..].char_indices().filter(|(_, c)| QUOTES.contains(c)).peekable();
    if closing.peek().is_none() {
        let help = format!("write `\"` for `{opening}`, and where the text ends");
        return Some(Quoted { opening, len: start, help });
    }
    // Within the text, it is an apostrophe.
    let (end, last) = closing.find(|(at, c)| is_over(line[start + at + c.len_utf8()..].trim_start()))?;
    let text = &line[start..start + end];
    let straight = if text.contains(['"', '\\']) { '\'' } else { '"' };
    let help = format!("put the text in straight quotes: {straight}{}{straight}", text.trim());
    Some(Quoted { opening, len: start + end + last.len_utf8(), help })
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_whole_text_in_typographic_quotes_is_found() {
        let cases = [
            ("“ready”, when: x }", "“ready”", "\"ready\""),
            ("‘the guest’s turn’ }", "‘the guest’s turn’", "\"the guest’s turn\""),
            ("„a, b“", "„a, b“", "\"a, b\""),
            ("«says \"no\"», to: x", "«says \"no\"»", "'says \"no\"'"),
            ("”a” # b", "”a”", "\"a\""),
            ("“a }", "“", "write `\"` for `“`"),
        ];
        for (line, found, help) in cases {
            let quoted = quoted(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(&line[..quoted.len], found);
            assert!(quoted.help.contains(help), "{}", quoted.help);
        }
        for line in ["“paused” is what a user sees }", "says “no”", "\"“a”\"", ""] {
            assert!(quoted(line).is_none(), "{line}");
        }
    }
}
