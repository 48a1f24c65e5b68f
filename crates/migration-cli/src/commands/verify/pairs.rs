//! A table with the machines of another release.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use migration_contract::compare::compare;
use migration_contract::frozen::Version;
use migration_contract::public::project;
use migration_table::model::Table;
use migration_verify::{Joined, Report, as_release, with_machine_of};

use crate::api::files::{Files, shown};
use crate::output::say;
use crate::table_file::TableFile;

/// Another table, by the word that names it.
pub(super) struct Other {
    pub(super) name: String,
    /// The release that it is of; `None` for a file or a commit.
    release: Option<Version>,
}

/// Returns the tables that words name, and those of every supported release if they are asked for. A release without
/// a table is named on standard error.
///
/// # Errors
///
/// When a release or its table is gone or another one, or the frozen side is that of a table elsewhere.
pub(super) fn others((file, table): (&TableFile, &Table), words: &[String], releases: bool) -> Result<Vec<Other>> {
    let files = Files::beside(file.path());
    let of_word = |word: &String| {
        let release = word.parse::<Version>().ok().filter(|version| files.release(version).is_file());
        Other { name: word.clone(), release }
    };
    let mut others: Vec<Other> = words.iter().map(of_word).collect();
    if releases {
        files.is_not_elsewhere(&table.name)?;
        let versions = files.versions()?;
        if versions.is_empty() {
            say(format_args!("note: no release is frozen, so there is none to run this table with"));
        }
        for version in versions {
            if files.frozen_table(&version)?.is_some() {
                others.push(Other { name: version.to_string(), release: Some(version) });
            } else {
                say(format_args!("note: release {version} was frozen without its table, and is left out"));
            }
        }
    }
    Ok(others)
}

impl Other {
    /// Reads the table. Prints why on standard error, and returns `None`, if it makes no sense.
    pub(super) fn table(&self, file: &TableFile) -> Result<Option<Table>> {
        if let Some(version) = &self.release {
            Files::beside(file.path()).frozen_table(version)?;
        }
        let named = file.other(&self.name)?;
        let Some(table) = named.read.table.clone() else {
            named.say();
            return Ok(None);
        };
        if let Some(version) = &self.release {
            let files = Files::beside(file.path());
            let frozen = files.read_release(version)?.public;
            let kept = project(&table).with_context(|| format!("the table of {version} is too large to compare"))?;
            let is_other = compare(&kept, &frozen).is_ok_and(|report| !report.changes.is_empty());
            if is_other {
                let (kept, lock) = (shown(&files.release_table(version)), shown(&files.release(version)));
                bail!("`{kept}` is not the table of release {version}: it shows clients something else than `{lock}`");
            }
        }
        Ok(Some(table))
    }
}

/// Verifies each machine of another table with the others of this one. What the other table fails with itself is marked.
pub(super) fn reports(
    (name, table): (&str, &Table),
    (other, of): (&str, &Table),
    verified: &impl Fn(&Table, &[String], &str) -> Result<Report>,
) -> Result<Vec<(String, Joined, Report)>> {
    let cannot = || format!("cannot run `{name}` with `{other}`");
    let alone = as_release(table, of).with_context(cannot)?;
    say_taken(other, &alone);
    let release = verified(&alone.table, &alone.foreign, &format!("`{other}` with itself"))?;
    let mut reports = Vec::new();
    for machine in &table.machines {
        let pair = with_machine_of(table, &machine.name, of).with_context(cannot)?;
        let title = format!("{name} with the {} of {other}", machine.name);
        let mut report = verified(&pair.table, &pair.foreign, &title)?;
        report.compare_with(&release, other, &pair.foreign);
        reports.push((title, pair, report));
    }
    Ok(reports)
}

/// Says on standard error what is taken from this table, since the other does not say it.
fn say_taken(other: &str, joined: &Joined) {
    let taken: BTreeSet<&String> = joined.taken.iter().collect();
    for taken in taken {
        say(format_args!("note: {taken} in {other}: it is read as in this table"));
    }
}
