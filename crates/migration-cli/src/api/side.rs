//! One side of a comparison: a table, a lock, a release or a commit, by the word that the user gave for it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use migration_contract::frozen::{
    Approval, Judgement, LockState, OtherSide, Release, Version, approvals_of_later, by_sides, lock_state,
};
use migration_contract::public::{Public, lock, project};
use migration_table::Severity;
use migration_table::model::Table;

use super::files::{Files, shown};
use super::folder::folder;
use super::git::{self, is_commit};
use super::release;
use crate::input;
use crate::outcome::BrokenTable;
use crate::output::say;
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
    let other = |old| other(old, Vec::new());
    Ok(by_sides(&new.public, olds.iter().map(other))?)
}

fn other<'s>(old: &'s Side, approvals: Vec<&'s Approval>) -> OtherSide<'s> {
    OtherSide { name: &old.name, public: &old.public, approvals }
}

/// Judges a side by others, with the approvals that its files have. For a release those count that cover it; for any
/// other side, those that are given for all releases and are not of a release that is frozen already. While it is not
/// clear what was approved, nothing counts as approved.
pub(crate) fn judge_approved(new: &Side, olds: &[Side], files: &Files) -> Result<Judgement> {
    let wanted = files.read_approvals().unwrap_or_else(|error| {
        say(format_args!("note: {error:#}: no approval counts"));
        Vec::new()
    });
    let read = files.read()?;
    let releases: Vec<Release> = read.releases.into_iter().filter_map(|(_, release)| release.ok()).collect();
    let newest = releases.last().map(|release| &release.version);
    let of = |old: &Side| -> Vec<&Approval> {
        let release =
            old.name.parse::<Version>().ok().filter(|version| releases.iter().any(|it| it.version == *version));
        match release {
            Some(version) => {
                let here = wanted.iter().filter(|approval| approval.covers(&version));
                here.chain(approvals_of_later(&releases, &version)).collect()
            }
            None => {
                let is_open = |approval: &&Approval| newest.is_none_or(|newest| approval.until > *newest);
                wanted.iter().filter(is_open).filter(|approval| approval.against.is_empty()).collect()
            }
        }
    };
    Ok(by_sides(&new.public, olds.iter().map(|old| other(old, of(old))))?)
}

/// Returns the side that a word names: a file that is there (`.yaml`, `.yml`: a table; anything else: a lock), a release
/// (`0.1`), or a commit, whose table is taken: `REV`, or `REV:PATH` as git understands it.
pub(crate) fn named(word: &str, table: &TableFile) -> Result<Side> {
    let files = Files::beside(table.path());
    let path = Path::new(word);
    if path.is_file() {
        let side = of_file(path, table);
        // In a bare repository there are files of git with such names, `HEAD` above all.
        return if side.is_err() && is_commit(Path::new("."), word) { of_commit(word, table) } else { side };
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
    let text = input::read_to_string(path).with_context(|| format!("cannot read `{name}`"))?;
    let is_table = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    if is_table {
        return of_table(&name, path, text, &table.on(path).invocation().command(&["check"]));
    }
    // The file of a release has more behind the lock; its seal is judged where releases are read.
    let public = release::unsealed(&text).map_err(|error| anyhow!("cannot understand the lock `{name}`: {error}"))?;
    Ok(Side { name, public, table: None })
}

/// Returns the public side of the table with this text. Tables of other people's machines have errors that are facts about
/// these machines: it has a public side as long as it can be resolved, and that there are errors is said.
fn of_table(name: &str, path: &Path, text: String, check: &str) -> Result<Side> {
    let loaded = migration_contract::load(&text);
    let errors = loaded.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let Some(table) = &loaded.table else {
        bail!(BrokenTable(format!("the table `{name}` has errors: `{check}` shows them")));
    };
    let many = errors.count();
    if many > 0 {
        say(format_args!("note: the table `{name}` has errors ({many}): `{check}` shows them"));
    }
    of_model(name, path, text, table)
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
    let commit = word.split(':').next().unwrap_or(word);
    let directory = git::repository(directory, commit);
    let lock_of = |commit: &str, table: &str| -> Result<Option<(String, String)>> {
        let (inside, name) = table.rsplit_once('/').unwrap_or(("", table));
        let lock = format!("{inside}{}{}/current.lock", if inside.is_empty() { "" } else { "/" }, folder(name));
        Ok(git::text_at(directory, commit, &lock)?.map(|text| (lock, text)))
    };
    let past = match git::table_at(word, path) {
        Ok(Some(past)) => past,
        Ok(None) => {
            let (hint, releases) = (git::hint(directory), Files::beside(path).releases_folder());
            bail!("`{word}` is no file, no release in `{}` and no commit here: {hint}", shown(&releases));
        }
        // A repository may keep the lock and not the table. One that had the table says nothing by a lock that is left.
        Err(missing) if git::had(directory, word, file) => return Err(missing),
        Err(missing) => {
            let lock = format!("{}/current.lock", folder(file));
            let Some(text) = git::file_at(directory, word, &lock).ok().flatten() else { return Err(missing) };
            say(format_args!("note: {missing:#}; its `{lock}` is taken"));
            let public =
                lock::read(&text).map_err(|error| anyhow!("cannot understand the lock of `{word}`: {error}"))?;
            return Ok(Side { name: word.to_owned(), public, table: None });
        }
    };
    if past.path.ends_with(".lock") {
        let public = release::unsealed(&past.text).map_err(|error| anyhow!("cannot understand `{word}`: {error}"))?;
        return Ok(Side { name: word.to_owned(), public, table: None });
    }
    let check = table.invocation().command(&["check"]);
    let side = Side { name: word.to_owned(), ..of_table(&past.name, path, past.text, &check)? };
    if !commit.is_empty()
        && let Some((name, text)) = lock_of(commit, &past.path)?
        && !matches!(lock_state(&text, &side.public), LockState::Current)
    {
        say(format_args!("note: in `{commit}`, `{name}` is not what `{}` shows; the table counts", past.path));
    }
    Ok(side)
}
