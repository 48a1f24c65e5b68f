//! What comes of judging a table: every difference with its approval, and what is wrong with the files.

use super::approval::{Approval, Uncovered};
use super::disorder::Disorder;
use crate::compare::{Change, Level, Verdict};

/// The judgement of a table.
#[derive(Debug)]
pub struct Judgement {
    /// What the table was compared with, oldest first.
    pub baselines: Vec<Baseline>,
    /// The differences, each once, with every baseline that it differs from.
    pub findings: Vec<JudgedChange>,
    /// What is wrong with the files of the frozen side.
    pub disorder: Vec<Disorder>,
    /// Whether nothing was ever released; `false` where the table was judged by other sides.
    pub is_unreleased: bool,
}

/// One side that the table was compared with.
#[derive(Debug)]
pub struct Baseline {
    /// Its name.
    pub name: String,
    /// The verdict for every machine and every observer.
    pub verdicts: Vec<Verdict>,
}

/// A difference, and whether it is approved.
#[derive(Debug)]
pub struct JudgedChange {
    /// The difference.
    pub change: Change,
    /// The baselines that it differs from.
    pub against: Vec<String>,
    /// Those of them for which nobody has approved it.
    pub open: Vec<String>,
    /// The most that it matters to clients for whom nobody has approved it. It is then the level of the difference.
    pub open_level: Option<Level>,
    /// The approval, if there is one.
    pub approval: Option<Approval>,
    /// What of it the approval does not cover.
    pub unapproved: Uncovered,
    /// The name of the open error whose evidence ends with the first step that the old side cannot show here. That error
    /// may be the cause of this one.
    pub follows: Option<String>,
}

impl JudgedChange {
    /// A difference from no side yet.
    pub(super) fn new(change: Change) -> JudgedChange {
        let (against, open, unapproved) = (Vec::new(), Vec::new(), Uncovered::default());
        JudgedChange { change, against, open, open_level: None, approval: None, unapproved, follows: None }
    }

    /// Returns whether the difference fails the check, when every level from this one on does.
    #[must_use]
    pub fn fails(&self, fail_on: Level) -> bool {
        self.open_level.is_some_and(|level| level >= fail_on)
    }
}

impl Judgement {
    /// Returns whether anything fails the check.
    #[must_use]
    pub fn fails(&self, fail_on: Level) -> bool {
        !self.disorder.is_empty() || self.findings.iter().any(|finding| finding.fails(fail_on))
    }
}
