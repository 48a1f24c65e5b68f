//! A file that the program writes.

use std::path::PathBuf;

/// A file that is generated, or has generated parts.
pub(super) struct Generated {
    /// Its path from the root.
    pub(super) path: PathBuf,
    /// What it must contain.
    pub(super) text: String,
}
