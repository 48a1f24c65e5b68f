//! What is wrong with a text that is no YAML.

use std::ops::Range;

/// Something that makes a text no YAML, and what to do about it.
pub(super) struct Mistake {
    /// The bytes that are meant.
    pub(super) at: Range<usize>,
    /// What is wrong, as the end of "the table is not valid YAML: ...".
    pub(super) what: &'static str,
    pub(super) label: String,
    pub(super) help: String,
}

impl Mistake {
    pub(super) fn new(
        at: Range<usize>,
        what: &'static str,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Mistake {
        Mistake { at, what, label: label.into(), help: help.into() }
    }
}
