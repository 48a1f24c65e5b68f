//! `cargo xtask bench NAME`: figures, always beside something that this machine can do at the same time.
//!
//! A figure of this or that machine says little, so every bench measures a yardstick in the same run, in turns with what
//! it is about, and prints ratios. The machine's load is printed too: beside a compiler, nothing below means much.

pub(crate) mod advance;
pub(crate) mod build;
mod series;
pub(crate) mod transfer;

use std::fs;
use std::path::PathBuf;
use std::thread;

use anyhow::{Context, Result};

/// How busy the machine is, in words: the load of the last minute, and how many processors there are for it.
fn load() -> String {
    let average = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let average = average.split_whitespace().next().unwrap_or("unknown").to_owned();
    let processors = thread::available_parallelism().map_or(1, usize::from);
    format!("{average} on {processors} processors")
}

/// A folder for the files and sockets of one bench; it is removed with this value.
struct Folder(PathBuf);

impl Folder {
    /// Makes a folder within `parent`.
    fn create(parent: PathBuf) -> Result<Self> {
        let path = parent.join(format!("migration-bench-{}", std::process::id()));
        fs::create_dir_all(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left for the system's own cleaning of temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}
