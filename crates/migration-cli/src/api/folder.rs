//! Where the files of the frozen side are: in `api/` beside the table.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::version::Version;

/// The folder of the frozen side of one table.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder that belongs to a table.
    pub fn beside(table: &Path) -> Folder {
        Folder { root: table.parent().unwrap_or(Path::new("")).join("api") }
    }

    /// What the table shows now.
    pub fn lock(&self) -> PathBuf {
        self.root.join("current.lock")
    }

    /// Which differences are wanted.
    pub fn approvals(&self) -> PathBuf {
        self.root.join("approvals.yaml")
    }

    /// What a release has shown.
    pub fn release(&self, version: &Version) -> PathBuf {
        self.root.join("releases").join(format!("{version}.lock"))
    }

    /// The versions of the releases that are supported, oldest first: those whose file is there.
    pub fn releases(&self) -> Result<Vec<Version>> {
        let path = self.root.join("releases");
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).with_context(|| format!("cannot list `{}`", path.display())),
        };
        let mut versions = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let Some(stem) = name.to_str().and_then(|name| name.strip_suffix(".lock")) else { continue };
            let version = Version::parse(stem)
                .with_context(|| format!("`{}` is not the file of a release", path.join(&name).display()))?;
            versions.push(version);
        }
        versions.sort();
        Ok(versions)
    }

    /// A path as messages name it: from the folder that the table is in.
    pub fn name(&self, path: &Path) -> String {
        let beside = self.root.parent().unwrap_or(&self.root);
        path.strip_prefix(beside).unwrap_or(path).display().to_string()
    }
}

/// The line, from 1, of the first conflict marker that a merge has left in a text.
pub fn conflict(text: &str) -> Option<usize> {
    let marks = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];
    let is_mark = |line: &str| marks.iter().any(|mark| line == *mark || line.starts_with(&format!("{mark} ")));
    text.lines().position(is_mark).map(|index| index + 1)
}
