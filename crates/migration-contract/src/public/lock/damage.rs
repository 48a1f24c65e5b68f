//! What can be wrong with a lock file, and what mends it.

use std::fmt;

/// Longest piece of a file that is quoted in a message, in characters.
const QUOTED_CHARS_MAX: usize = 120;

/// Why a text is not accepted as a lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockError {
    kind: Damage,
    line: usize,
    message: String,
}

/// What happened to the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Damage {
    /// It is something else.
    NotALock,
    /// It is of a format that came later.
    Newer,
    /// Its end is missing.
    Truncated,
    /// Two versions were merged, and nobody has decided between them.
    Conflict,
    /// It was not written by this program.
    Edited,
    /// Something is said twice.
    Duplicate,
    /// Something leads to a state that is not there.
    Nowhere,
    /// There is more of it than any table gives.
    TooLarge,
}

impl LockError {
    pub(super) fn new(kind: Damage, line: usize, message: impl Into<String>) -> LockError {
        LockError { kind, line, message: message.into() }
    }

    /// The same error so many lines further down.
    pub(super) fn below(self, lines: usize) -> LockError {
        LockError { line: self.line + lines, ..self }
    }

    /// What happened to the text.
    #[must_use]
    pub fn kind(&self) -> Damage {
        self.kind
    }

    /// The line that shows it, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// What was found there, and what was expected: one line, without the number of the line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for LockError {}

/// A piece of a file for a message: one line, not too long, in backticks.
pub(super) fn shown(text: &str) -> String {
    let clean = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    let rest = text.chars().nth(QUOTED_CHARS_MAX).map(|_| '…');
    let text: String = text.chars().take(QUOTED_CHARS_MAX).map(clean).chain(rest).collect();
    format!("`{text}`")
}
