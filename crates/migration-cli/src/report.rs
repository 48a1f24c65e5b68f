//! Findings of any command in the formats that other programs read of any tool.

pub(crate) mod github;
mod region;
pub(crate) mod sarif;

pub(crate) use region::Region;

use migration_table::{Severity, Span};

/// A finding, whichever command found it.
pub(crate) struct Item<'t> {
    pub(crate) severity: Severity,
    /// The name or the code of the rule.
    pub(crate) rule: &'static str,
    /// A few words that tell rules apart.
    pub(crate) title: String,
    /// What was found, in one or more lines.
    pub(crate) message: String,
    pub(crate) location: Option<Location<'t>>,
    /// Other places in the same file, and what is there.
    pub(crate) related: Vec<(Span, &'t str)>,
    /// What stays the same from run to run, where there is such a thing.
    pub(crate) fingerprint: Option<String>,
    /// Why the finding is accepted, if it is.
    pub(crate) accepted: Option<String>,
}

pub(crate) struct Location<'t> {
    /// The file, from the root of the repository or as an absolute path.
    pub(crate) file: String,
    /// The text of the file and the part of it; `None` for the file as a whole.
    pub(crate) part: Option<(&'t str, Span)>,
}

/// Returns the word of both formats for a severity; `note` is the word for a note.
fn level(severity: Severity, note: &'static str) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => note,
    }
}
