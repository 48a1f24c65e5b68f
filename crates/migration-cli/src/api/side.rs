//! One side of a comparison: a table, a lock, a release or a commit, by the word that the user gave for it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use migration_contract::public::{Public, lock, project};
use migration_table::model::Table;

use super::folder::Folder;
use super::version::Version;
use super::{git, release};

/// One side of a comparison.
#[derive(Clone, Debug)]
pub struct Side {
    /// How the user named it.
    pub name: String,
    /// What it shows.
    pub public: Public,
    /// The table that it was computed from; none if it was read from a lock.
    pub table: Option<Source>,
}

/// The file of a table, for places in it.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// The side that a word names: a file that is there (`.yaml`, `.yml`: a table; anything else: a lock), a release
/// (`0.1`), or a commit, of which the lock is taken, or else the table.
pub fn named(word: &str, table: &Path) -> Result<Side> {
    let folder = Folder::beside(table);
    let path = Path::new(word);
    if path.is_file() {
        return of_file(path);
    }
    if let Ok(version) = Version::parse(word)
        && folder.release(&version).is_file()
    {
        let public = release::read(&folder, &version)?.public;
        return Ok(Side { name: word.to_owned(), public, table: None });
    }
    of_commit(word, table)
}

fn of_file(path: &Path) -> Result<Side> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{name}`"))?;
    let is_table = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    if is_table { of_table(&name, path, text) } else { of_lock(&name, &text) }
}

/// The public side of the table with this text. A table with findings has one as long as it makes sense.
fn of_table(name: &str, path: &Path, text: String) -> Result<Side> {
    let loaded = migration_contract::load(&text);
    let Some(table) = loaded.table else {
        bail!("the table `{name}` makes no sense: `cargo xtask check --table {name}` says why");
    };
    of_model(name, path, text, &table)
}

/// The public side of a table that was read from this text.
pub fn of_model(name: &str, path: &Path, text: String, table: &Table) -> Result<Side> {
    let public = project(table).map_err(|error| anyhow!("the table `{name}` is too large to be compared: {error}"))?;
    Ok(Side { name: name.to_owned(), public, table: Some(Source { path: path.to_owned(), text }) })
}

fn of_lock(name: &str, text: &str) -> Result<Side> {
    // The file of a release has more behind the lock; what it is worth is judged where releases are read.
    let public = release::unsealed(text).map_err(|error| anyhow!("cannot understand the lock `{name}`: {error}"))?;
    Ok(Side { name: name.to_owned(), public, table: None })
}

fn of_commit(word: &str, table: &Path) -> Result<Side> {
    let (directory, file) = git::place(table)?;
    if !git::is_commit(directory, word) {
        let hint = git::hint(directory);
        bail!("`{word}` is no file, no release in `api/releases/` and no commit here: {hint}");
    }
    if let Some(text) = git::file_at(directory, word, "api/current.lock")? {
        let public = lock::read(&text).map_err(|error| anyhow!("cannot understand the lock of `{word}`: {error}"))?;
        return Ok(Side { name: word.to_owned(), public, table: None });
    }
    match git::file_at(directory, word, file)? {
        Some(text) => of_table(&format!("{word}:{file}"), table, text),
        None => bail!("`{word}` has neither `api/current.lock` nor `{file}`"),
    }
}
