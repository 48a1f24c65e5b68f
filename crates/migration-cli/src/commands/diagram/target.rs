//! Where pictures go: standard output, a file, or a directory.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use migration_draw::{self as draw, Figure};

use crate::input;
use crate::outcome::Outcome;
use crate::output::{is_stdout, say, tell, to_stdout, write_result};

/// Where pictures go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    path: Option<&'a Path>,
    is_directory: bool,
    /// Whether nothing is written, and it is only said whether the file is current.
    is_check: bool,
}

impl<'a> Target<'a> {
    pub(super) fn new(path: Option<&'a Path>, is_check: bool) -> Target<'a> {
        let path = path.filter(|path| !is_stdout(path));
        Target { path, is_directory: path.is_some_and(is_directory), is_check }
    }

    /// Whether several pictures have a file each.
    pub(super) fn is_directory(self) -> bool {
        self.is_directory
    }

    /// The one file, if that is where a picture goes.
    pub(super) fn file(self) -> Option<&'a Path> {
        self.path.filter(|_| !self.is_directory)
    }

    /// Writes the text of one figure to where it belongs, or says whether it is there already. `name` and `extension` are
    /// the parts of the name of its file in a directory.
    pub(super) fn deliver(self, name: &str, extension: &str, text: &str, figure: &Figure) -> Result<Outcome> {
        let Some(path) = self.path else {
            to_stdout(text)?;
            say(format_args!("{}", draw::describe(figure)));
            return Ok(Outcome::Clean);
        };
        let path: PathBuf = match self.is_directory {
            true => path.join(format!("{name}.{extension}")),
            false => path.to_owned(),
        };
        if self.is_check {
            let what = match input::read_to_string(&path) {
                Ok(found) if found == text => return Ok(Outcome::Clean),
                Ok(_) => "not current",
                Err(error) if error.kind() == ErrorKind::NotFound => "not there",
                Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
            };
            tell(format_args!("{}: {what}; run the same without `--check`", path.display()))?;
            return Ok(Outcome::Findings);
        }
        write_result(&path, text)?;
        say(format_args!("{}: {}", path.display(), draw::describe(figure)));
        Ok(Outcome::Clean)
    }
}

fn is_directory(path: &Path) -> bool {
    let is_named_so = path.as_os_str().to_string_lossy().ends_with('/') || path.extension().is_none();
    path.is_dir() || (is_named_so && !path.is_file())
}
