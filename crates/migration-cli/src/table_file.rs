//! The table that a command works on: its file, its text, and what is to be said about it.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use migration_contract::{load_bytes_with, load_with};
use migration_table::check::Notes;
use migration_table::model::Table;
use migration_table::{Findings, Invocation, Severity, Style, from_bytes, read, render};
use migration_verify::misread;

use crate::api::{files, git};
use crate::input;
use crate::output::{say, stderr_style, to_stderr};
use crate::repository;

/// The name of a table that is found without being named.
pub(crate) const NAME: &str = "states.yaml";

/// The file of a table.
#[derive(Clone, Debug)]
pub struct TableFile {
    path: PathBuf,
    /// The path as messages name it.
    name: String,
    invocation: Invocation,
}

/// A table that was read, sound or not.
#[derive(Clone, Debug)]
pub struct Read {
    /// The text of the file.
    pub text: String,
    /// The table, if names could be resolved.
    pub table: Option<Table>,
    /// What is to be said about it.
    pub findings: Findings,
}

/// A table by the word that the user gave for it.
#[derive(Clone, Debug)]
pub struct Named {
    /// How messages and pages name it.
    pub name: String,
    /// Where its file is, also if it was read as it was once.
    pub path: PathBuf,
    /// What was read.
    pub read: Read,
}

impl Named {
    /// Says on standard error what is to be said about it.
    pub fn say(&self) {
        to_stderr(&render(&self.read.findings, &self.read.text, &self.name, stderr_style()));
    }
}

impl TableFile {
    /// Returns the file at a path, which messages call `name` and commands in messages reach by `invocation`.
    pub(crate) fn new(path: PathBuf, name: String, invocation: Invocation) -> TableFile {
        TableFile { path, name, invocation }
    }

    /// Returns the program as it was started, with the arguments by which it works on this table.
    pub fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    /// Returns whether the table comes from standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// The path as messages name it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file and checks the table in it.
    pub fn read(&self) -> Result<Read> {
        self.read_with(Notes::LeftOut)
    }

    /// Reads the file and checks the table in it, with or without notes.
    pub fn read_with(&self, notes: Notes) -> Result<Read> {
        Ok(self.check(&self.bytes()?, notes))
    }

    /// Reads the file and checks the table in it, and does something else meanwhile with the table, as far as its names
    /// could be looked up: both take their time.
    pub(crate) fn read_beside<T>(&self, other: impl FnOnce(&Table) -> T) -> Result<(Read, Option<T>)> {
        let bytes = self.bytes()?;
        let (_, unchecked) = from_bytes(&bytes, read);
        Ok(std::thread::scope(|scope| {
            let read = scope.spawn(|| self.check(&bytes, Notes::LeftOut));
            let other = unchecked.table.as_ref().map(other);
            (read.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), other)
        }))
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        let bytes =
            if self.is_stdin() { input::table(io::stdin()) } else { File::open(&self.path).and_then(input::table) };
        bytes.with_context(|| format!("cannot read the table `{}`", self.name))
    }

    fn check(&self, bytes: &[u8], notes: Notes) -> Read {
        let (text, loaded) = load_bytes_with(bytes, notes);
        let mut findings = loaded.findings.for_program(&self.invocation);
        if let Some(table) = &loaded.table {
            misread(table, &mut findings);
        }
        Read { text, table: loaded.table, findings }
    }

    /// Reads a table that must be sound; if it is not, says why on standard error and gives none.
    pub fn read_sound(&self) -> Result<Option<Table>> {
        let read = self.read()?;
        Ok(self.sound(&read))
    }

    /// Reads a table that must make sense, but may have findings, of which it reminds on standard error. If it makes
    /// none, says why and gives none.
    pub fn read_resolved(&self) -> Result<Option<Table>> {
        let read = self.read()?;
        Ok(self.resolved(&read).cloned())
    }

    /// Returns the table if its names can be looked up, and says on standard error what is wrong with it.
    pub(crate) fn resolved<'r>(&self, read: &'r Read) -> Option<&'r Table> {
        if read.table.is_none() {
            to_stderr(&self.render(read, stderr_style()));
        } else if read.has_something_to_mend() {
            let many = read.findings.len();
            say(format_args!(
                "note: `{}` has findings ({many}): see `{}`",
                self.name,
                self.invocation.command(&["check"])
            ));
        }
        read.table.as_ref()
    }

    /// Reads the table of this file.
    pub fn named(&self) -> Result<Named> {
        Ok(Named { name: self.in_repository(), path: self.path.clone(), read: self.read()? })
    }

    /// Reads the table that a word names: another file, that of a release, or this one as it was in a commit.
    pub fn other(&self, word: &str) -> Result<Named> {
        if Path::new(word).exists() {
            return self.on(Path::new(word)).named();
        }
        if let Some(table) = files::table_of(word, &self.path)? {
            return Ok(Named { name: word.to_owned(), ..self.on(&table).named()? });
        }
        let Some(past) = git::table_at(word, &self.path)? else {
            let (folder, _) = git::place(&self.path)?;
            bail!("`{word}` is no file, no release and no commit here: {}", git::hint(folder));
        };
        let loaded = load_with(&past.text, Notes::LeftOut);
        let read = Read { text: past.text, table: loaded.table, findings: loaded.findings };
        Ok(Named { name: past.name, path: self.path.clone(), read })
    }

    /// Returns the path from the root of the repository, or as it was given outside of one.
    pub fn in_repository(&self) -> String {
        repository::path_in(&self.path)
    }

    /// The table that was read, if it is sound; if it is not, says why on standard error.
    pub fn sound(&self, read: &Read) -> Option<Table> {
        let sound = read.sound();
        if sound.is_none() {
            to_stderr(&self.render(read, stderr_style()));
        }
        sound.cloned()
    }

    /// Returns another table of the same program.
    pub(crate) fn on(&self, path: &Path) -> TableFile {
        let name = path.display().to_string();
        let invocation = self.invocation.clone().with_table(&name);
        TableFile::new(path.to_owned(), name, invocation)
    }

    /// Returns an error whose commands in backquotes are of this program, on this table.
    pub(crate) fn filled(&self, error: &anyhow::Error) -> anyhow::Error {
        anyhow::Error::msg(self.invocation.fill(&format!("{error:#}")))
    }

    /// Returns the arguments by which another run of this program, started in `directory`, works on the same file.
    pub fn arguments_in(&self, directory: &Path) -> Vec<OsString> {
        let is_default = directory.join(NAME).canonicalize().ok() == self.path.canonicalize().ok();
        let path = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
        if is_default { Vec::new() } else { vec!["--table".into(), path.into()] }
    }

    /// The findings as a person reads them.
    pub fn render(&self, read: &Read, style: Style) -> String {
        render(&read.findings, &read.text, &self.name, style)
    }
}

impl Read {
    /// The table, if it is sound.
    pub fn sound(&self) -> Option<&Table> {
        self.table.as_ref().filter(|_| !self.findings.has_errors())
    }

    /// Whether there is something that must be mended; a note alone is not.
    pub fn has_something_to_mend(&self) -> bool {
        let must_be_mended = |severity: Severity| match severity {
            Severity::Error | Severity::Warning => true,
            Severity::Note => false,
        };
        self.findings.iter().any(|finding| must_be_mended(finding.severity))
    }
}
