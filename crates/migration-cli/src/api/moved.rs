//! A table that has no frozen side beside it: was it moved or renamed, or were the files taken away? Then it has one
//! elsewhere, and to write a new one would forget every release.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use migration_contract::public::lock::{self, Listed};
use migration_table::Invocation;

use super::folder::owner;
use super::git;
use crate::input;
use crate::output::say;
use crate::repository;

const LOCK: &str = "current.lock";

/// Checks that a table without a lock in this folder has none elsewhere: as it was committed here, or beside the path of
/// a table with the same `machine:` that is gone.
///
/// # Errors
///
/// Returns where the frozen side is, and the command that brings it here.
pub(super) fn has_none_elsewhere(root: &Path, table: &str, has_releases: bool) -> Result<()> {
    let here = root.join(LOCK);
    if fs::symlink_metadata(&here).is_ok() {
        return Ok(());
    }
    // Without git, nothing tells a new table from one whose frozen side was lost.
    if repository::root_of(&here).is_some()
        && let Some(why) = git::why_unknown(&here)
    {
        say(format_args!("note: whether `{}` was there before is not known: {why}", shown(&here)));
    }
    if git::committed(&here).is_some_and(|text| is_of(&text, table)) {
        let whole = if has_releases { &here } else { root };
        let command = git::command_at(root, &["checkout", "HEAD", "--"], whole);
        bail!("`{}` is missing, and the last commit has it: `{command}` brings back what was frozen", shown(&here));
    }
    if has_releases {
        return Ok(());
    }
    let Some(found) = beside(root, table).or_else(|| in_repository(root, table)) else { return Ok(()) };
    // One that was made to be locked is in the way of the other.
    drop(fs::remove_dir(root));
    let Found { folder, owner, is_there } = found;
    let mut command = Invocation::new("git").command(&["mv", &shown(&folder), &shown(root)]);
    if !is_there {
        let back = Invocation::new("git").command(&["checkout", "HEAD", "--", &shown(&folder)]);
        command = format!("{back} && {command}");
    }
    bail!(
        "`{}` is missing, and `{}` is that of a table with the same `machine:`, whose file `{owner}` is gone: if the \
         table was renamed or moved, `{command}` keeps what was frozen",
        shown(&here),
        shown(&folder.join(LOCK))
    );
}

/// Checks that a lock which cannot be read, and is to be written with these releases, lists no others in the last commit: to
/// write it would forget them.
///
/// # Errors
///
/// Returns the command that brings the lock back.
pub(super) fn forgets_none(lock: &Path, releases: &[Listed], table: &str) -> Result<()> {
    if input::read_to_string(lock).is_ok_and(|text| lock::read(&text).is_ok()) {
        return Ok(());
    }
    let is_kept = |release: &Listed| releases.iter().any(|known| known.version == release.version);
    let committed = git::committed(lock).filter(|text| is_of(text, table));
    if let Some(lost) = committed.iter().flat_map(|text| lock::listed(text)).find(|release| !is_kept(release)) {
        let command = git::command_at(lock, &["checkout", "HEAD", "--"], lock);
        let (lock, version) = (shown(lock), lost.version);
        bail!(
            "`{lock}` cannot be read, and in the last commit it lists {version}, whose file is gone: `{command}` brings it back"
        );
    }
    Ok(())
}

/// A frozen side whose table is gone.
struct Found {
    /// Its folder, from where the program runs.
    folder: PathBuf,
    /// The file of its table, in the directory of the folder.
    owner: String,
    /// Whether the folder is in the work tree, and not only in the last commit.
    is_there: bool,
}

fn is_of(text: &str, table: &str) -> bool {
    lock::read(text).is_ok_and(|public| public.table == table)
}

/// Returns the frozen side in the same directory.
fn beside(root: &Path, table: &str) -> Option<Found> {
    let directory = root.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.into_iter().find_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = owner(&name).filter(|owner| !directory.join(owner).exists())?;
        let folder = root.with_file_name(&name);
        let text = input::read_to_string(&folder.join(LOCK)).ok()?;
        is_of(&text, table).then_some(Found { folder, owner, is_there: true })
    })
}

/// Returns the frozen side anywhere in the repository, as it is in the work tree or in the last commit.
fn in_repository(root: &Path, table: &str) -> Option<Found> {
    let directory = root.ancestors().skip(1).find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    git::named(directory, LOCK).into_iter().find_map(|path| {
        let (lock, committed) = (path.file, path.committed);
        let folder = lock.parent()?;
        let owner = owner(folder.file_name()?.to_str()?)?;
        if folder.with_file_name(&owner).exists() {
            return None;
        }
        let (text, is_there) = match input::read_to_string(&lock) {
            Ok(text) => (text, true),
            Err(_) => (committed()?, false),
        };
        let folder = from_here(folder);
        is_of(&text, table).then_some(Found { folder, owner, is_there })
    })
}

/// Returns an absolute path as one from where the program runs.
fn from_here(path: &Path) -> PathBuf {
    let Ok(here) = std::env::current_dir().and_then(|here| here.canonicalize()) else { return path.to_owned() };
    let common = here.components().zip(path.components()).take_while(|(one, other)| one == other).count();
    let up = here.components().skip(common).map(|_| std::path::Component::ParentDir);
    up.chain(path.components().skip(common)).collect()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
