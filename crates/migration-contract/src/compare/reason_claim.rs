//! A difference in reasons, and what is said of it.

use super::rules::Rule;
use super::rules::definition::Claim;
use super::rules::reasons::{CHANGED, GIVEN, LOST, MISSING};

/// What differs: with a status, a reason or none comes on one side only.
pub(super) struct Difference {
    pub(super) status: String,
    pub(super) reason: Option<String>,
    /// With which reasons the status comes there on the old side.
    pub(super) before: Vec<Option<String>>,
    pub(super) kind: Kind,
    /// Whether the other side never shows it anywhere.
    pub(super) is_everywhere: bool,
    /// The statuses after which the new side shows it, and the old one does not.
    pub(super) ways: Vec<String>,
}

impl Difference {
    /// Whether another one is the same at another place.
    pub(super) fn is_same(&self, other: &Difference) -> bool {
        (&self.status, &self.reason, self.kind) == (&other.status, &other.reason, other.kind)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It comes for another reason.
    Changed,
    /// It comes without one, and never did.
    Missing,
    /// It comes with one, and never did.
    Given,
    /// The reason is one that the old side does not know.
    Unknown,
    /// It no longer comes for this reason.
    Lost,
}

/// What is said of a difference; `None` for a new reason, which is told by its name.
pub(super) fn claim(told: &Difference) -> Option<(&'static Rule, Claim)> {
    let Difference { status, reason, before, kind, is_everywhere, ways } = told;
    let reason = reason.as_deref().unwrap_or_default();
    let before: Vec<String> = before.iter().flatten().map(|reason| format!("`{reason}`")).collect();
    let before = before.join(" or ");
    let because = format!("{status} because {reason}");
    let ways = if ways.is_empty() { String::new() } else { format!(" after {}", ways.join(" or ")) };
    let (rule, subject, message) = match kind {
        Kind::Unknown => return None,
        Kind::Changed => (
            &CHANGED,
            because + &ways,
            format!("`{status}` can now come because of `{reason}`; before, it came there because of {before}"),
        ),
        Kind::Missing => (
            &MISSING,
            format!("{status}{ways}"),
            format!("`{status}` can now come without a reason; before, it came there because of {before}"),
        ),
        Kind::Given => (
            &GIVEN,
            because,
            format!("`{status}` can now come because of `{reason}`; before, it came there without a reason"),
        ),
        Kind::Lost => (&LOST, because, format!("`{status}` no longer comes because of `{reason}`")),
    };
    Some((rule, Claim { subject, message, is_everywhere: *is_everywhere }))
}
