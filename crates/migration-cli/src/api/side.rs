//! One side of a comparison: a table, a lock, a release or a commit, by the word that the user gave for it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use migration_contract::frozen::{Judgement, Version, by_sides};
use migration_contract::public::{Public, lock, project};
use migration_table::model::Table;

use super::files::{Files, folder, shown};
use super::{git, release};
use crate::table_file::TableFile;

/// One side of a comparison.
#[derive(Clone, Debug)]
pub struct Side {
    /// How the user named it.
    pub name: String,
    /// Its public side.
    pub public: Public,
    /// The table that it was computed from; `None` if it was read from a lock.
    pub table: Option<Source>,
}

/// The file of a table, for locations in it.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// Judges a side by others, without approvals.
pub(crate) fn judge(new: &Side, olds: &[Side]) -> Result<Judgement> {
    Ok(by_sides(&new.public, olds.iter().map(|old| (old.name.as_str(), &old.public)))?)
}

/// Returns the side that a word names: a file that is there (`.yaml`, `.yml`: a table; anything else: a lock), a release
/// (`0.1`), or a commit, whose lock is taken, or else its table.
pub(crate) fn named(word: &str, table: &TableFile) -> Result<Side> {
    let files = Files::beside(table.path());
    let path = Path::new(word);
    if path.is_file() {
        return of_file(path, table);
    }
    if let Ok(version) = word.parse::<Version>()
        && files.release(&version).is_file()
    {
        let public = files.read_release(&version)?.public;
        return Ok(Side { name: word.to_owned(), public, table: None });
    }
    of_commit(word, table)
}

fn of_file(path: &Path, table: &TableFile) -> Result<Side> {
    let name = shown(path);
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{name}`"))?;
    let is_table = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    if is_table {
        return of_table(&name, path, text, &table.on(path).invocation().command(&["check"]));
    }
    // The file of a release has more behind the lock; its seal is judged where releases are read.
    let public = release::unsealed(&text).map_err(|error| anyhow!("cannot understand the lock `{name}`: {error}"))?;
    Ok(Side { name, public, table: None })
}

/// Returns the public side of the table with this text. A table with findings has one as long as it can be resolved.
fn of_table(name: &str, path: &Path, text: String, check: &str) -> Result<Side> {
    let loaded = migration_contract::load(&text);
    let Some(table) = loaded.table else {
        bail!("the table `{name}` has errors: `{check}` shows them");
    };
    of_model(name, path, text, &table)
}

/// Returns the public side of a table that must be sound; if it is not, reports why on standard error and returns
/// `None`.
///
/// # Errors
///
/// When the file cannot be read, or its public side has too many cases.
pub fn current(file: &TableFile) -> Result<Option<Side>> {
    let read = file.read()?;
    let Some(table) = file.sound(&read) else { return Ok(None) };
    of_model(file.name(), file.path(), read.text, &table).map(Some)
}

/// Returns the public side of a table that was read from this text.
pub fn of_model(name: &str, path: &Path, text: String, table: &Table) -> Result<Side> {
    let public = project(table).map_err(|error| anyhow!("the table `{name}` is too large to be compared: {error}"))?;
    Ok(Side { name: name.to_owned(), public, table: Some(Source { path: path.to_owned(), text }) })
}

fn of_commit(word: &str, table: &TableFile) -> Result<Side> {
    let path = table.path();
    let (directory, file) = git::place(path)?;
    let releases = Files::beside(path).releases_folder();
    if !git::is_commit(directory, word) {
        let hint = git::hint(directory);
        bail!("`{word}` is no file, no release in `{}` and no commit here: {hint}", shown(&releases));
    }
    let lock = format!("{}/current.lock", folder(file));
    if let Some(text) = git::file_at(directory, word, &lock)? {
        let public = lock::read(&text).map_err(|error| anyhow!("cannot understand the lock of `{word}`: {error}"))?;
        return Ok(Side { name: word.to_owned(), public, table: None });
    }
    match git::file_at(directory, word, file)? {
        Some(text) => of_table(&format!("{word}:{file}"), path, text, &table.invocation().command(&["check"])),
        None => bail!("`{word}` has neither `{lock}` nor `{file}`"),
    }
}
