//! The files of the frozen side of a table, in a folder beside it.
//!
//! For `states.yaml` the folder is `api`; for another table, `doors.yaml`, it is `doors.api`, so that several tables in
//! one directory never share a file. In the folder, `current.lock` is what the table shows, `releases/VERSION.lock` what
//! a release has shown, `releases/VERSION.yaml` its table, and `approvals.yaml` lists the differences that are wanted.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use migration_contract::frozen::{
    Approval, Frozen, Judgement, LockState, Mend, Release, Version, by_frozen, lock_state,
};
use migration_contract::public::Public;
use migration_contract::public::lock::{self, Listed};
use migration_table::Invocation;

use super::folder::folder;
use super::{approvals, git, moved, release};
use crate::input;
use crate::output::{BESIDE, write_file};

/// The files of the frozen side of one table.
#[derive(Clone, Debug)]
pub struct Files {
    root: PathBuf,
}

impl Files {
    /// Returns the files that belong to the table at a path.
    pub fn beside(table: &Path) -> Files {
        let name = table.file_name().unwrap_or_default().to_string_lossy();
        Files { root: table.with_file_name(folder(&name)) }
    }

    /// Keeps other runs of this program from writing these files until the result is dropped. What a run has left that was
    /// killed while it wrote is taken away.
    pub fn guard(&self) -> Result<fs::File> {
        let name = shown(&self.root);
        self.are_folders()?;
        fs::create_dir_all(&self.root).with_context(|| format!("cannot create `{name}`"))?;
        let folder = fs::File::open(&self.root).with_context(|| format!("cannot open `{name}`"))?;
        folder.lock().with_context(|| format!("cannot lock `{name}`"))?;
        for folder in [&self.root, &self.releases_folder()] {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            let left = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(BESIDE));
            // One that stays does no harm.
            left.for_each(|entry| drop(fs::remove_file(entry.path())));
        }
        Ok(folder)
    }

    /// Checks that nothing else has the name of a folder.
    fn are_folders(&self) -> Result<()> {
        for folder in [&self.root, &self.releases_folder()] {
            if fs::metadata(folder).is_ok_and(|found| !found.is_dir()) {
                let name = shown(folder);
                let command = Invocation::new("mv").command(&[&name, &format!("{name}.old")]);
                bail!("`{name}` is a file, and the frozen side of the table needs a folder of that name: `{command}`");
            }
        }
        Ok(())
    }

    /// Returns the path of the lock.
    pub fn lock(&self) -> PathBuf {
        self.root.join("current.lock")
    }

    /// Returns the path of the approvals.
    pub fn approvals(&self) -> PathBuf {
        self.root.join("approvals.yaml")
    }

    /// Returns the folder of the releases.
    pub fn releases_folder(&self) -> PathBuf {
        self.root.join("releases")
    }

    /// Returns the path of the file of a release.
    pub fn release(&self, version: &Version) -> PathBuf {
        self.releases_folder().join(format!("{version}.lock"))
    }

    /// Returns the path of the table of a release. Releases that were frozen before tables were kept have none.
    pub fn release_table(&self, version: &Version) -> PathBuf {
        self.releases_folder().join(format!("{version}.yaml"))
    }

    /// Returns the versions of the releases that are supported, oldest first: those whose file is there.
    pub fn versions(&self) -> Result<Vec<Version>> {
        self.are_folders()?;
        let path = self.releases_folder();
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).with_context(|| format!("cannot list `{}`", path.display())),
        };
        let mut versions = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let Some(stem) = name.to_str().and_then(|name| name.strip_suffix(".lock")) else { continue };
            versions.extend(stem.parse::<Version>().ok());
        }
        versions.sort();
        Ok(versions)
    }

    /// Returns the files among the releases that end as one, and have no version for a name.
    fn strangers(&self) -> Vec<String> {
        let path = self.releases_folder();
        let names = fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.file_name());
        let is_stranger = |name: &std::ffi::OsString| {
            let name = name.to_string_lossy();
            name.strip_suffix(".lock").is_some_and(|stem| !stem.starts_with(BESIDE) && stem.parse::<Version>().is_err())
        };
        let mut strangers: Vec<String> = names.filter(is_stranger).map(|name| shown(&path.join(name))).collect();
        strangers.sort();
        strangers
    }

    /// Reads the file of a release.
    pub fn read_release(&self, version: &Version) -> Result<Release> {
        let path = self.release(version);
        let name = shown(&path);
        let text = read_text(&path)?;
        let release = release::parse(&text, version).with_context(|| {
            format!(
                "`{name}` is not as it was frozen; `git log --follow {name}` shows its history, \
                 `git checkout COMMIT -- {name}` brings it back"
            )
        })?;
        let path = self.release_table(version);
        let table = match input::read(&path) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(error).with_context(|| format!("cannot read `{}`", shown(&path)));
            }
            read => read.ok(),
        };
        Ok(release::with_table(release, table.as_deref()))
    }

    /// Returns the file of the table of a release, as it was frozen; `None` where none was kept.
    ///
    /// # Errors
    ///
    /// When the lock lists the table, and it is gone or another one.
    pub fn frozen_table(&self, version: &Version) -> Result<Option<PathBuf>> {
        let (path, lock) = (self.release_table(version), self.lock());
        let listed = lock::listed(&read_if_there(&lock)?.unwrap_or_default());
        let entry = listed.into_iter().find(|listed| listed.version == version.to_string());
        let found = input::read(&path).ok().map(|bytes| release::seal_of_table(&bytes));
        let Some(wanted) = entry.and_then(|listed| listed.table) else { return Ok(found.map(|_| path)) };
        let what = match found {
            Some(found) if found == wanted => return Ok(Some(path)),
            Some(_) => "was changed",
            None => "is gone",
        };
        let (file, lock, mend) = (shown(&path), shown(&lock), take_back(&path, Some(&wanted)));
        bail!("`{lock}` lists the table of release {version}, and its file `{file}` {what}; mend with: {mend}")
    }

    /// Reads the files of all releases, oldest first.
    pub fn read_releases(&self) -> Result<Vec<Release>> {
        self.versions()?.iter().map(|version| self.read_release(version)).collect()
    }

    /// Reads the approvals. Without a file there are none.
    pub fn read_approvals(&self) -> Result<Vec<Approval>> {
        let path = self.approvals();
        match read_if_there(&path)? {
            Some(text) => approvals::parse(&text).with_context(|| format!("cannot understand `{}`", shown(&path))),
            None => Ok(Vec::new()),
        }
    }

    /// Reads all files. What is wrong with one of them is part of the result.
    pub fn read(&self) -> Result<Frozen> {
        let text = |error: anyhow::Error| format!("{error:#}");
        let lock = self.lock();
        let releases = self.versions()?;
        let release = |version| Ok((shown(&self.release(version)), open(self.read_release(version))?.map_err(text)));
        Ok(Frozen {
            lock: (shown(&lock), open(read_if_there(&lock))?.map_err(|error| error.root_cause().to_string())),
            folder: shown(&self.releases_folder()),
            releases: releases.iter().map(release).collect::<Result<_>>()?,
            strangers: self.strangers(),
            approvals: (shown(&self.approvals()), open(self.read_approvals())?.map_err(text)),
        })
    }

    /// Judges a table by its files.
    pub fn judge(&self, new: &Public) -> Result<Judgement> {
        self.is_not_elsewhere(&new.table)?;
        let mut judgement = by_frozen(new, self.read()?)?;
        for disorder in &mut judgement.disorder {
            if let Mend::TakeBack { seal } = &disorder.mend {
                disorder.mend = Mend::Do(take_back(Path::new(&disorder.file), seal.as_deref()));
            }
        }
        Ok(judgement)
    }

    /// Checks that a table without a lock is not one that was moved or renamed, or lost its files.
    pub(crate) fn is_not_elsewhere(&self, table: &str) -> Result<()> {
        let has_releases = self.versions().is_ok_and(|versions| !versions.is_empty());
        moved::has_none_elsewhere(&self.root, table, has_releases)
    }

    /// Writes the lock and returns whether that changed it. A lock or a release of another table is an error.
    pub fn write_lock(&self, public: &Public) -> Result<bool> {
        self.is_not_elsewhere(&public.table)?;
        let frozen = self.read()?;
        frozen.belongs_to(&public.table)?;
        let listed = frozen.listed();
        moved::forgets_none(&self.lock(), &listed, &public.table)?;
        self.write_listed(public, &listed)
    }

    /// Writes the lock with these releases and returns whether that changed it. One that an older program wrote, and that
    /// says the same, is left as it is.
    pub fn write_listed(&self, public: &Public, releases: &[Listed]) -> Result<bool> {
        let (path, text) = (self.lock(), lock::with_listed(&lock::write(public), releases));
        let says_so = |found: &str| {
            lock::listed(&found.replace("\r\n", "\n")) == releases
                && matches!(lock_state(found, public), LockState::Current)
        };
        let is_new = !read_if_there(&path).unwrap_or_default().is_some_and(|found| says_so(&found));
        if is_new {
            write_file(&path, &text)?;
        }
        Ok(is_new)
    }

    /// Writes the approvals, or removes their file if there are none.
    pub fn write_approvals(&self, approvals: &[Approval]) -> Result<()> {
        let path = self.approvals();
        if !approvals.is_empty() {
            return write_file(&path, &approvals::text(approvals));
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove `{}`", shown(&path)))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Writes the file of a new release and returns its name. One that is there already is never written again.
    pub fn write_release(&self, release: &Release) -> Result<String> {
        let path = self.release(&release.version);
        let name = shown(&path);
        if path.exists() {
            bail!("`{name}` is there already, and a release is frozen once: choose the next version");
        }
        write_file(&path, &release::text(release)?)?;
        Ok(name)
    }

    /// Keeps the table of a release, as it is written, and returns the name of its file.
    pub fn write_release_table(&self, version: &Version, text: &str) -> Result<String> {
        let path = self.release_table(version);
        write_file(&path, text)?;
        Ok(shown(&path))
    }
}

/// Returns the file of the table of a release, for the table at a path; `None` where the word names no release.
///
/// # Errors
///
/// When the release was frozen before tables were kept.
pub(crate) fn table_of(word: &str, table: &Path) -> Result<Option<PathBuf>> {
    let Ok(version) = word.parse::<Version>() else { return Ok(None) };
    let files = Files::beside(table);
    let (lock, kept) = (files.release(&version), files.release_table(&version));
    if !lock.is_file() {
        return Ok(None);
    }
    if !kept.is_file() {
        let (lock, kept, name) = (shown(&lock), shown(&kept), table.file_name().unwrap_or_default().to_string_lossy());
        bail!(
            "release {version} was frozen without its table: `git log {lock}` shows the commit of the release, \
             `git show COMMIT:./{name} > {kept}` keeps the table from now on"
        );
    }
    Ok(Some(kept))
}

/// Returns what brings the file of a release, or its table, back as it was frozen: with this hash, if one is listed.
fn take_back(file: &Path, seal: Option<&str>) -> String {
    let is_lock = file.extension().is_some_and(|extension| extension == "lock");
    let version = file.file_stem().and_then(|stem| stem.to_str()?.parse::<Version>().ok());
    let is_it = |text: &str| {
        let found = match &version {
            Some(version) if is_lock => release::parse(text, version).ok().map(|release| release.seal),
            Some(_) | None => Some(release::seal_of_table(text.as_bytes())),
        };
        found.is_some_and(|found| seal.is_none_or(|seal| seal == found))
    };
    git::checkout_of(file, is_it).unwrap_or_else(|| {
        let name = shown(file);
        match git::why_unknown(file) {
            None => format!(
                "no commit here has `{name}` as it was frozen: take it from a backup, or, where another clone has it, with \
                 `git fetch` and `git checkout COMMIT -- FILE`"
            ),
            Some(why) => format!(
                "take `{name}` from a backup, as it was frozen, or, where a clone has it, with `git checkout COMMIT -- FILE`: \
                 {why}"
            ),
        }
    })
}

/// Returns a path as messages name it.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Passes on what came of reading a file, unless this user may not read it: then the file cannot be judged at all.
fn open<T>(read: Result<T>) -> Result<Result<T>> {
    let is_closed = |error: &anyhow::Error| {
        let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
        causes.any(|cause| cause.kind() == ErrorKind::PermissionDenied)
    };
    match read {
        Err(error) if is_closed(&error) => Err(error),
        read => Ok(read),
    }
}

fn read_if_there(path: &Path) -> Result<Option<String>> {
    if fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return Ok(None);
    }
    read_text(path).map(Some)
}

/// Reads a file of text. What is wrong with it is said as it is: it may be a directory, closed to this user, or no text.
fn read_text(path: &Path) -> Result<String> {
    let read = || {
        if path.is_dir() {
            bail!("it is a directory");
        }
        let bytes = input::read(path)?;
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            anyhow!("it is not UTF-8: byte {at} is none of a text")
        })
    };
    read().with_context(|| format!("cannot read `{}`", shown(path)))
}
