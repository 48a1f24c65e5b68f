//! The frozen side of the table: the lock, the releases, the approvals, and how a table is judged by them.
//!
//! Files are read and written here; what they mean is decided in `migration-table`. The folder is `api/` beside the
//! table: `current.lock` is what the table shows, `releases/VERSION.lock` what releases have shown, `approvals.yaml`
//! which differences are wanted.

pub(crate) mod approvals;
pub mod folder;
pub(crate) mod git;
pub mod hygiene;
pub(crate) mod judge;
pub(crate) mod promised;
pub(crate) mod release;
pub mod side;
pub mod version;
