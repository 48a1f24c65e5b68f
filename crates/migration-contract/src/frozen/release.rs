//! Releases: what each has shown, and the differences from older releases that it was frozen with.

use super::approval::Approval;
use crate::public::Public;
use crate::public::lock::Listed;
use migration_table::Version;

/// What a release has shown.
#[derive(Clone, Debug)]
pub struct Release {
    /// Its version.
    pub version: Version,
    /// What clients could observe of it.
    pub public: Public,
    /// The differences from older releases that it was frozen with.
    pub approvals: Vec<Approval>,
    /// The releases that had been frozen before it, as its file lists them.
    pub listed: Vec<Listed>,
    /// The hash of its file.
    pub seal: String,
    /// The hash of its table; `None` if that is not kept, or is gone.
    pub table: Option<String>,
}

impl Release {
    /// Returns the line that lists it.
    #[must_use]
    pub fn entry(&self) -> Listed {
        Listed { version: self.version.to_string(), seal: Some(self.seal.clone()), table: self.table.clone() }
    }
}

/// Returns the approvals of later releases that cover differences from a release.
pub fn approvals_of_later<'r>(releases: &'r [Release], of: &Version) -> Vec<&'r Approval> {
    let later = releases.iter().filter(|release| release.version > *of);
    later.flat_map(|release| &release.approvals).filter(|approval| approval.covers(of)).collect()
}

/// Returns an approval that names the releases which it covers, as the file of a release keeps it.
#[must_use]
pub fn with_releases(approval: &Approval, releases: &[Release]) -> Approval {
    let versions = releases.iter().map(|release| release.version.clone());
    Approval { against: versions.filter(|version| approval.covers(version)).collect(), ..approval.clone() }
}
