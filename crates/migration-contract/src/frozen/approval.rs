//! Approvals: each says that one difference from a release is wanted, and why.

use std::collections::BTreeSet;

use migration_table::Version;

/// One difference that is wanted. An approval is for one finding: a rule cannot be switched off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The key of the finding, as [`crate::compare::Change::key`] writes it.
    pub finding: String,
    /// The releases from which the table may differ; all that are older than `until` if this is empty.
    pub against: BTreeSet<Version>,
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
        self.finding == other.finding && self.until >= other.until && covers_all
    }

    /// Returns whether the approval covers a difference from this release.
    #[must_use]
    pub fn covers(&self, release: &Version) -> bool {
        *release < self.until && (self.against.is_empty() || self.against.contains(release))
    }
}
