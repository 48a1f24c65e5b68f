//! Why something went wrong, in the work's own words.

use std::fmt;

/// Why something went wrong: a sentence for the person who can act on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    text: String,
    timeout_of: Option<&'static str>,
}

impl Cause {
    /// A cause with these words.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), timeout_of: None }
    }

    /// The same cause, which is that the timeout of a state was over.
    pub(crate) fn of_timeout(self, state: &'static str) -> Self {
        Self { timeout_of: Some(state), ..self }
    }

    /// The same cause, with what it means for its reader.
    pub(crate) fn with_meaning(self, meaning: &str) -> Self {
        Self { text: format!("{}: {meaning}", self.text), ..self }
    }

    /// The words.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the state whose timeout was over, if that is the cause: a longer one would have waited longer.
    #[must_use]
    pub fn timeout_of(&self) -> Option<&'static str> {
        self.timeout_of
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<String> for Cause {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}
