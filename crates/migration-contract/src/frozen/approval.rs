//! Approvals: each says that one difference from a release is wanted, and why.

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::{Change, Level};
use migration_table::Version;

/// One difference that is wanted. An approval is for one finding: a rule cannot be switched off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The key of the finding, as [`crate::compare::Change::key`] writes it.
    pub finding: String,
    /// The releases from which the table may differ; all that are older than `until` if this is empty.
    pub against: BTreeSet<Version>,
    /// The classes of clients that the difference may break, as [`Change::broken`] names them; `None` for all, as older
    /// versions of the program wrote it.
    pub breaks: Option<BTreeSet<String>>,
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
        let covers = |own: &Option<BTreeSet<String>>, others: &Option<BTreeSet<String>>| match (own, others) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(others)) => others.is_subset(own),
        };
        let covers_what = covers(&self.breaks, &other.breaks) && covers(&self.ways, &other.ways);
        self.finding == other.finding && self.until >= other.until && covers_all && covers_what
    }

    /// Returns what of a difference the approval of it does not cover.
    #[must_use]
    pub fn uncovered(&self, change: &Change) -> Uncovered {
        let is_named = |names: &Option<BTreeSet<String>>, name| names.as_ref().is_none_or(|names| names.contains(name));
        let ways = change.ways.iter().filter(|way| !is_named(&self.ways, *way)).cloned().collect();
        let broken = change.broken.iter().filter(|(class, _)| !is_named(&self.breaks, *class));
        Uncovered { ways, broken: broken.map(|(class, level)| (class.clone(), *level)).collect() }
    }

    /// Returns whether the approval covers a difference from this release.
    #[must_use]
    pub fn covers(&self, release: &Version) -> bool {
        *release < self.until && (self.against.is_empty() || self.against.contains(release))
    }
}

/// What of a difference its approval does not cover.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uncovered {
    /// The ways on which clients first come to it.
    pub ways: BTreeSet<String>,
    /// The classes of clients that it breaks, each with how much it matters to them.
    pub broken: BTreeMap<String, Level>,
}

impl Uncovered {
    /// Returns how many things are not covered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ways.len() + self.broken.len()
    }

    /// Returns whether the approval covers everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how much it matters, for a difference of this level: a way may be that of any client.
    #[must_use]
    pub fn level(&self, of: Level) -> Option<Level> {
        let by_ways = (!self.ways.is_empty()).then_some(of);
        by_ways.max(self.broken.values().max().copied())
    }
}
