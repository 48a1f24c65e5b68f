//! Approvals: each says that one difference from a release is wanted, and why.

use std::collections::BTreeSet;

use crate::compare::Change;
use migration_table::Version;

/// One difference that is wanted. An approval is for one finding: a rule cannot be switched off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The key of the finding, as [`crate::compare::Change::key`] writes it.
    pub finding: String,
    /// The releases from which the table may differ; all that are older than `until` if this is empty.
    pub against: BTreeSet<Version>,
    /// The ways on which clients may first come to the difference, as [`Change::ways`] has them; `None` for all ways, as in
    /// releases that an older version of the program froze.
    pub ways: Option<BTreeSet<String>>,
    /// Why the difference is wanted.
    pub reason: String,
    /// Where that was agreed.
    pub link: String,
    /// The release that will have the difference.
    pub until: Version,
}

impl Approval {
    /// Returns whether the approval covers whatever another one does.
    #[must_use]
    pub fn includes(&self, other: &Approval) -> bool {
        let covers_all = self.against.is_empty() || !other.against.is_empty() && other.against.is_subset(&self.against);
        let covers_ways = match (&self.ways, &other.ways) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(ways), Some(others)) => others.is_subset(ways),
        };
        self.finding == other.finding && self.until >= other.until && covers_all && covers_ways
    }

    /// Returns the ways on which clients first come to a difference and that the approval of it does not cover.
    #[must_use]
    pub fn uncovered(&self, change: &Change) -> BTreeSet<String> {
        let ways = self.ways.as_ref().map(|ways| change.ways.difference(ways).cloned().collect());
        ways.unwrap_or_default()
    }

    /// Returns whether the approval covers a difference from this release.
    #[must_use]
    pub fn covers(&self, release: &Version) -> bool {
        *release < self.until && (self.against.is_empty() || self.against.contains(release))
    }
}
