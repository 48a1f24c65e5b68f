//! Which table a command works on: the one that the user names, or else the nearest `states.yaml`.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use migration_table::Invocation;

use crate::input;
use crate::output::say;
use crate::repository;
use crate::table_file::{NAME, TableFile};

/// How the program was started, and what the user said about the table.
#[derive(Clone, Debug)]
pub struct Tables {
    invocation: Invocation,
    /// What `--table` names.
    named: Option<PathBuf>,
    /// The table where no directory on the way up has one.
    default: Option<PathBuf>,
}

impl Tables {
    /// Returns the tables of a program that the user started as `program`; `named` is what `--table` names.
    pub fn new(program: &str, named: Option<PathBuf>) -> Tables {
        Tables { invocation: Invocation::new(program), named, default: None }
    }

    /// Uses a table where the user names none and no directory on the way up has one.
    #[must_use]
    pub fn or(self, default: PathBuf) -> Tables {
        Tables { default: Some(default), ..self }
    }

    /// Returns how the program was started, for commands that read no table.
    pub fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    /// Returns the table that `--table` names, or the nearest one. Says on standard error which one that is, unless it
    /// is in the current directory.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn file(&self) -> Result<TableFile> {
        match &self.named {
            Some(named) => Ok(self.at(named)),
            None => self.nearest(),
        }
    }

    /// Returns the table of a command that needs a file, because other files lie beside it.
    ///
    /// # Errors
    ///
    /// There is none, or it comes from standard input.
    pub fn file_on_disk(&self) -> Result<TableFile> {
        self.file().and_then(Tables::on_disk)
    }

    /// Refuses a table on standard input.
    pub(crate) fn on_disk(file: TableFile) -> Result<TableFile> {
        if file.is_stdin() {
            bail!("this command needs a file, and `-` is standard input: save the table and name its file");
        }
        Ok(file)
    }

    /// Returns the table that the user names, or the nearest one. Where there is none, these
    /// saved walks are asked: the first one whose table exists decides. Standard error says so.
    ///
    /// # Errors
    ///
    /// Returns that there is no table.
    pub(crate) fn file_of_walks(&self, walks: &[&Path]) -> Result<TableFile> {
        let found = self.file();
        if found.is_ok() || self.named.is_some() {
            return found;
        }
        match walks.iter().find_map(|walk| Some((walk, table_of(walk)?))) {
            Some((walk, table)) => {
                say(format_args!("note: the table is `{}`, as `{}` says", table.display(), walk.display()));
                Ok(self.at(&table))
            }
            None => found,
        }
    }

    /// Returns the table that the user names, or the nearest one, or else a file that is named in another way.
    ///
    /// # Errors
    ///
    /// Returns that there is no table.
    pub(crate) fn file_or_else(&self, other: Option<&Path>) -> Result<TableFile> {
        let found = self.file();
        match other.filter(|other| found.is_err() && self.named.is_none() && other.is_file()) {
            Some(other) => Ok(self.at(other)),
            None => found,
        }
    }

    /// Returns the table of a command that can do without one: where there is none, a file that is not there.
    ///
    /// # Errors
    ///
    /// The table comes from standard input.
    pub(crate) fn file_if_any(&self) -> Result<TableFile> {
        let is_found = || env::current_dir().is_ok_and(|here| nearest(&here).is_some());
        if self.named.is_some() || self.default.is_some() || is_found() {
            return self.file_on_disk();
        }
        Ok(TableFile::new(PathBuf::from(NAME), NAME.to_owned(), self.invocation.clone()))
    }

    /// Returns the tables that the arguments of a command name, or else the one of [`Tables::file`].
    ///
    /// # Errors
    ///
    /// There is none, both `--table` and arguments name some, or two are standard input.
    pub fn files(&self, arguments: &[PathBuf]) -> Result<Vec<TableFile>> {
        input::refuse_twice(arguments.iter().map(PathBuf::as_path))?;
        match (arguments, &self.named) {
            ([], _) => Ok(vec![self.file()?]),
            (_, None) => Ok(arguments.iter().map(|path| self.at(path)).collect()),
            ([first, ..], Some(named)) => {
                let (named, first) = (named.display(), first.display());
                bail!("`--table {named}` and `{first}` both name a table: leave one of them out")
            }
        }
    }

    /// Returns the one table that an argument of a command names, or else the one of [`Tables::file`].
    ///
    /// # Errors
    ///
    /// There is none, or both `--table` and the argument name one.
    pub fn file_or(&self, argument: Option<&PathBuf>) -> Result<TableFile> {
        let argument: Vec<PathBuf> = argument.into_iter().cloned().collect();
        self.files(&argument)?.pop().context("one table is always found or there is an error")
    }

    /// Returns the table at a path.
    pub(crate) fn at(&self, path: &Path) -> TableFile {
        let is_found_again = || {
            let (found, _) = nearest(&env::current_dir().ok()?)?;
            Some(found.canonicalize().ok()? == path.canonicalize().ok()?)
        };
        let name = path.display().to_string();
        let invocation = match name.as_str() {
            "-" => self.invocation.clone(),
            _ if is_found_again() == Some(true) => self.invocation.clone(),
            _ => self.invocation.clone().with_table(&name),
        };
        TableFile::new(path.to_owned(), name, invocation)
    }

    fn nearest(&self) -> Result<TableFile> {
        let here = env::current_dir().context("cannot tell the current directory")?;
        let Some((_, levels)) = nearest(&here) else {
            if let Some(default) = &self.default {
                return Ok(self.at(default));
            }
            let init = self.invocation.command(&["init"]);
            bail!(
                "there is no `{NAME}` in this directory or in one above it, up to the root of a repository: `{init}` \
                 writes one to begin with, `--table FILE` names another table"
            );
        };
        let path: PathBuf = std::iter::repeat_n("..", levels).chain([NAME]).collect();
        let name = path.display().to_string();
        if levels > 0 {
            say(format_args!("note: the table is `{name}`"));
        }
        Ok(TableFile::new(path, name, self.invocation.clone()))
    }
}

/// Returns the table that a saved walk names, if it is there: from the current directory, beside the walk, or from the root
/// of the repository that the walk is in.
fn table_of(walk: &Path) -> Option<PathBuf> {
    let text = input::text(walk, "the walk").ok()?;
    let name = text.lines().find_map(|line| line.trim().strip_prefix("table: ")).map(str::trim)?;
    let beside = walk.parent().map(|directory| directory.join(name));
    let in_repository = repository::root_of(walk).map(|root| root.join(name));
    [Some(PathBuf::from(name)), beside, in_repository].into_iter().flatten().find(|path| path.is_file())
}

/// Returns the nearest table from a directory upwards, and how many levels up it is. The table of a repository in which
/// this one is nested is no table of this one.
fn nearest(directory: &Path) -> Option<(PathBuf, usize)> {
    let root = directory.ancestors().position(|directory| directory.join(".git").exists());
    let paths = directory.ancestors().take(root.map_or(usize::MAX, |root| root + 1)).map(|it| it.join(NAME));
    paths.zip(0..).find(|(path, _)| path.is_file())
}
