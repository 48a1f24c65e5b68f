//! A folder for the files and sockets of one run of a command.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A temporary folder; it is removed with this value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes an empty folder. `what` is what it is for, in one word.
    pub(crate) fn create(what: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("migration-{what}-{}", std::process::id()));
        fs::create_dir_all(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left for the system's own cleaning of temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
