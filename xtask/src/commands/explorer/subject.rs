//! The tables that the page is about: the one that it shows, and the one that it is compared with.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use migration_table::check::Notes;
use migration_table::model::Table;
use migration_table::{load_with, render};

use crate::api::git;
use crate::commands::step;
use crate::output::stderr_style;
use crate::table_file::{Read, TableFile};

/// A table that the page shows, or is compared with.
pub(super) struct Subject {
    /// The name by which the reader of the page knows it.
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) read: Read,
    pub(super) table: Table,
}

impl Subject {
    /// The table that is shown, if it makes sense and no walk over it goes round for ever; otherwise says why not on
    /// standard error.
    pub(super) fn new(file: &TableFile) -> Result<Option<Subject>> {
        let read = file.read()?;
        let is_fit = !step::may_never_end(&read);
        Ok(checked(file.in_workspace(), file.path(), read, is_fit))
    }

    /// The older table that a word names: a file, or the same table at a commit. Nobody walks over it.
    pub(super) fn older(word: &str, file: &TableFile) -> Result<Option<Subject>> {
        let directory = match file.path().parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            Some(_) | None => Path::new("."),
        };
        let base = file.path().file_name().and_then(|name| name.to_str()).unwrap_or("states.yaml");
        if Path::new(word).exists() {
            let old = TableFile::new(Some(PathBuf::from(word)));
            let read = old.read()?;
            return Ok(checked(old.in_workspace(), old.path(), read, true));
        }
        if !git::is_commit(directory, word) {
            bail!("`{word}` is neither a file nor a commit here: {}", git::hint(directory));
        }
        let Some(text) = git::file_at(directory, word, base)? else { bail!("`{word}` has no `{base}`") };
        let loaded = load_with(&text, Notes::LeftOut);
        let read = Read { text, table: loaded.table, findings: loaded.findings };
        Ok(checked(format!("{word}:{base}"), file.path(), read, true))
    }
}

fn checked(name: String, path: &Path, read: Read, is_fit: bool) -> Option<Subject> {
    match read.table.clone() {
        Some(table) if is_fit => Some(Subject { name, path: path.to_owned(), read, table }),
        Some(_) | None => {
            eprint!("{}", render(&read.findings, &read.text, &name, stderr_style()));
            None
        }
    }
}
