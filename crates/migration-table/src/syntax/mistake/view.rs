//! What the readers of texts see of the place where they read.

/// A text that is read, and where in it the reader is.
pub(super) struct View<'t> {
    /// The whole text.
    pub(super) source: &'t str,
    /// Tells the keys of the format.
    pub(super) is_key: fn(&str) -> bool,
    /// Whether a bracket is open.
    pub(super) is_flow: bool,
    /// What the next token is.
    pub(super) next: Next,
}

/// What a token is, by what stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A key, or an item of a list.
    Key,
    /// The value of a key.
    Value,
    /// Nothing more, until a comma, a bracket or the end of the line.
    Nothing,
}

impl<'t> View<'t> {
    /// Returns the text from a byte to the end of its line.
    pub(super) fn line_from(&self, at: usize) -> &'t str {
        self.source[at..].split(['\n', '\r']).next().unwrap_or_default()
    }
}
