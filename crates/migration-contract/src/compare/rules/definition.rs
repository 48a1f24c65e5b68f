//! What a rule is made of.

pub use crate::compare::levels::Levels;
use crate::compare::sides::{Listed, Sides};
use crate::compare::walk::{Difference, Walk};

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name: `event-new-successor`.
    pub id: &'static str,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// How much it matters to whom.
    pub levels: Levels,
    /// When it fires, exactly.
    pub definition: &'static str,
    /// Why it matters to a client.
    pub why: &'static str,
    /// How to make the change in a way that clients can live with.
    pub keep_compatible: &'static str,
    /// When it is right to accept it.
    pub accept: &'static str,
    /// How it is applied.
    pub(in crate::compare) run: Run,
}

/// What keeps a change compatible that nobody relies on.
pub(super) const NOTHING_TO_DO: &str = "nothing needs to be done";

/// When it is right to accept what is worth a note.
pub(super) const NO_APPROVAL: &str = "it needs no approval where notes are not gated";

/// How a rule is applied.
#[derive(Clone, Copy, Debug)]
pub(in crate::compare) enum Run {
    /// To every difference that a walk found, until one claims it.
    Claims(fn(&Walk<'_>, &Difference) -> Option<Claim>),
    /// To the reasons that come with a status, where both sides show the same statuses.
    Reasons,
    /// To both sides as a whole.
    Lists(fn(&Sides<'_>) -> Vec<Listed>),
}

/// What a rule says of a difference.
pub(in crate::compare) struct Claim {
    /// What it is about.
    pub(in crate::compare) subject: String,
    /// What is to be said, in one line.
    pub(in crate::compare) message: String,
    /// Whether it is true wherever the status is shown that the message names, and not only where the difference is.
    pub(in crate::compare) is_everywhere: bool,
}
