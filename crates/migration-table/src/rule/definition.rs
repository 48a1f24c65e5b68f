//! What a rule is, apart from how it is applied.

use crate::finding::{Code, Severity};

/// A rule that is applied while a table is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) code: Code,
    pub(crate) name: &'static str,
    pub(crate) severity: Severity,
    pub(crate) explain: &'static str,
}

impl Rule {
    /// A rule whose findings are errors.
    pub(super) const fn error(code: &'static str, name: &'static str, explain: &'static str) -> Rule {
        Rule { code: Code(code), name, severity: Severity::Error, explain }
    }
}
