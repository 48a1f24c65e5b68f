//! A scalar of the tree: its text, its place, and what YAML makes of it when it is not quoted.

use crate::span::Span;

/// A piece of text in a table, with its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// What it says, without quotes and escapes.
    pub text: String,
    /// Where it stands, quotes included.
    pub span: Span,
    /// Whether it stands without quotes, so that a reader of YAML may take it for something else than a text.
    pub(crate) plain: bool,
    /// Offset of its first byte, where the file has it character by character on one line.
    verbatim: Option<usize>,
    /// Whether it is a word among others in a text.
    among_others: bool,
}

/// What a scalar without quotes means to readers of YAML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    /// Nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A boolean to YAML 1.1, a text to YAML 1.2: `on`, `no`, `y`, ..., also `True`.
    OldBool,
    /// A number.
    Number,
    /// A text.
    Text,
}

impl Text {
    /// A scalar as it was read, and where.
    pub(crate) fn new(text: String, span: Span, plain: bool, source: &str) -> Text {
        let quote = usize::from(!plain);
        let written = source.get(span.start + quote..span.end.saturating_sub(quote));
        let verbatim = (written == Some(&text) && !text.contains('\n')).then_some(span.start + quote);
        Text { text, span, plain, verbatim, among_others: false }
    }

    /// A word that the file lacks, and where it should stand.
    pub(crate) fn lacking(word: &str, span: Span) -> Text {
        Text { text: word.to_owned(), span, plain: true, verbatim: None, among_others: false }
    }

    /// Whether it is the key that YAML 1.1 reads as the keys of another mapping.
    pub(crate) fn is_merge(&self) -> bool {
        self.plain && self.text == "<<"
    }

    /// The place of `len` bytes of the text from `at` on; the whole of it where the file has it in another form.
    #[must_use]
    pub fn part(&self, at: usize, len: usize) -> Span {
        let Some(first) = self.verbatim else { return self.span };
        let Some(before) = self.text.get(..at) else { return self.span };
        let column = self.span.column + (first - self.span.start) + before.chars().count();
        let start = first + at;
        Span { start, end: start + len.min(self.text.len() - at), line: self.span.line, column }
    }

    /// Some bytes of the text as a text of their own, with their place; all of them are the text itself.
    pub(crate) fn word(&self, at: usize, len: usize) -> Text {
        if len == self.text.len() {
            return self.clone();
        }
        let text = self.text.get(at..at + len).unwrap_or_default().to_owned();
        let verbatim = self.verbatim.map(|first| first + at);
        Text { text, span: self.part(at, len), plain: self.plain, verbatim, among_others: true }
    }

    /// Another word as it has to be written in the place of this one: a word among others needs no quotes.
    pub(crate) fn as_written(&self, word: &str) -> String {
        if self.among_others { word.to_owned() } else { written(word) }
    }

    /// Whether the file has it in another form, with escapes or over several lines.
    pub(crate) fn is_escaped(&self) -> bool {
        self.verbatim.is_none()
    }

    /// The number that YAML 1.1 reads, where a leading zero makes the digits octal; `None` where it does not.
    pub(crate) fn octal(&self) -> Option<u64> {
        let digits = self.text.strip_prefix('0').filter(|digits| self.plain && !digits.is_empty())?;
        u64::from_str_radix(digits.strip_prefix('o').unwrap_or(digits), 8).ok()
    }

    /// Whether it is a decimal number with zeros before it, which not every reader of YAML takes for the same.
    pub(crate) fn has_leading_zero(&self) -> bool {
        self.plain && self.text.len() > 1 && self.text.starts_with('0') && self.text.bytes().all(|b| b.is_ascii_digit())
    }

    /// Whether a reader of YAML takes the word for something else than a text, for lack of quotes: for a boolean or for
    /// nothing.
    pub(crate) fn lacks_quotes(&self) -> bool {
        match self.meaning() {
            Plain::Null => !self.text.is_empty(),
            Plain::Bool(_) | Plain::OldBool => true,
            Plain::Number | Plain::Text => false,
        }
    }

    /// What readers of YAML take it for.
    pub(crate) fn meaning(&self) -> Plain {
        if !self.plain {
            return Plain::Text;
        }
        match self.text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
            "true" => return Plain::Bool(true),
            "false" => return Plain::Bool(false),
            _ => {}
        }
        if is_boolean_word(&self.text) {
            Plain::OldBool
        } else if is_number(&self.text) {
            Plain::Number
        } else {
            Plain::Text
        }
    }
}

/// The word as it has to stand in a table: in quotes, where a reader of YAML would take it for something else than a text.
pub(crate) fn written(word: &str) -> String {
    if Text::lacking(word, Span::default()).lacks_quotes() { format!("\"{word}\"") } else { word.to_owned() }
}

/// Whether YAML 1.1 reads the word as a boolean, in any case.
fn is_boolean_word(word: &str) -> bool {
    ["y", "n", "yes", "no", "on", "off", "true", "false"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Whether some reader of YAML takes the word for a number; the forms of YAML 1.1 included.
fn is_number(word: &str) -> bool {
    let digits = word.trim_start_matches(['+', '-']);
    let special = [".inf", ".nan"].iter().any(|known| digits.eq_ignore_ascii_case(known));
    let based = ["0x", "0o", "0b"].iter().any(|base| digits.starts_with(base));
    let decimal = |c: char| c.is_ascii_digit() || matches!(c, '_' | '.' | 'e' | 'E' | '+' | '-' | ':');
    special || based || (digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && is_decimal(digits, decimal))
}

/// Whether there is a digit, and nothing but what a number may consist of.
fn is_decimal(digits: &str, allowed: impl Fn(char) -> bool) -> bool {
    digits.contains(|c: char| c.is_ascii_digit()) && digits.chars().all(allowed)
}
