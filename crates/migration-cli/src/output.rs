//! Where a command's result goes: standard output, or the file that `-o` names.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use clap::Args;
use migration_table::Style;

use crate::streams::{is_stderr_closed, is_stdout_closed};

/// The option that every command with a result has.
#[derive(Args, Clone, Debug)]
pub struct Output {
    /// Writes the result to a file instead of standard output, and makes the directories on the way to it
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Output {
    /// Writes the result of a command to where the user wants it.
    pub fn write(&self, text: &str) -> Result<()> {
        match &self.file {
            Some(file) => write_result(file, text),
            None => to_stdout(text),
        }
    }

    /// Whether it goes to a file that the user named.
    pub fn is_file(&self) -> bool {
        self.file.is_some()
    }

    /// The width of the terminal to which it goes, in characters; none where it goes elsewhere.
    pub fn width(&self) -> Option<usize> {
        let is_there = self.file.is_none() && io::stdout().is_terminal();
        let (width, _) = terminal_size::terminal_size().filter(|_| is_there)?;
        Some(usize::from(width.0))
    }

    /// How findings are rendered there: in colour only for a person at a terminal who has not said `NO_COLOR`.
    pub fn style(&self) -> Style {
        if self.file.is_none() { stdout_style() } else { Style::Plain }
    }
}

/// Whether a path means the standard output that this process has already. Behind such a name can be a file, of which
/// nothing may be lost that others have written to it.
pub(crate) fn is_stdout(file: &Path) -> bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| file == Path::new(name))
}

/// The same for standard error.
fn is_stderr(file: &Path) -> bool {
    ["/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"].iter().any(|name| file == Path::new(name))
}

/// Returns what a file is that no result may replace.
fn kept(file: &Path) -> Option<&'static str> {
    let mut text = String::new();
    // A link may have any name.
    let file = file.canonicalize().ok().filter(|file| file.is_file())?;
    let opened = fs::File::open(&file).ok()?;
    // What is no text is none of them.
    opened.take(HEAD_BYTES).read_to_string(&mut text).ok()?;
    let begins = |word: &str| text.lines().any(|line| line.starts_with(word));
    let is_yaml = file.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    if text.starts_with("api-lock ") {
        Some("a lock")
    } else if is_yaml && begins("format:") && begins("approvals:") {
        Some("a file of approvals")
    } else if is_yaml && begins("format:") && begins("machine:") {
        Some("a table")
    } else {
        None
    }
}

/// How much of a file is read to see what it is.
const HEAD_BYTES: u64 = 1 << 16;

/// How things are rendered on standard output.
pub fn stdout_style() -> Style {
    if io::stdout().is_terminal() { colour_unless_refused() } else { Style::Plain }
}

/// How findings are rendered on standard error.
pub fn stderr_style() -> Style {
    if io::stderr().is_terminal() { colour_unless_refused() } else { Style::Plain }
}

/// Prints to standard output.
///
/// # Errors
///
/// Returns why the text could not be written: to a closed pipe, for example, or to a stream that the caller closed. A
/// script that looks at the exit status alone must not believe that a check passed whose report was lost.
pub fn to_stdout(text: &str) -> Result<()> {
    anyhow::ensure!(text.is_empty() || !is_stdout_closed(), "cannot write to standard output: it is closed");
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).context("cannot write to standard output")
}

/// Prints a line to standard output.
///
/// # Errors
///
/// Returns why the line could not be written.
pub fn tell(line: fmt::Arguments<'_>) -> Result<()> {
    to_stdout(&format!("{line}\n"))
}

/// Prints a line to standard output. Where that fails the command goes on, and ends as one that could not run.
pub fn tell_on(line: fmt::Arguments<'_>) {
    if tell(line).is_err() {
        IS_OUTPUT_LOST.store(true, Ordering::Relaxed);
    }
}

/// Whether something could not be written although the command went on.
static IS_OUTPUT_LOST: AtomicBool = AtomicBool::new(false);

/// Prints to standard error. Where that fails the command goes on, and ends as one that could not run.
pub fn to_stderr(text: &str) {
    let is_closed = is_stderr_closed() && !text.is_empty();
    if is_closed || io::stderr().lock().write_all(text.as_bytes()).is_err() {
        IS_OUTPUT_LOST.store(true, Ordering::Relaxed);
    }
}

/// Prints a line to standard error, as [`to_stderr`] does.
pub fn say(line: fmt::Arguments<'_>) {
    to_stderr(&format!("{line}\n"));
}

/// Returns whether something could not be written although the command went on.
pub(crate) fn is_output_lost() -> bool {
    IS_OUTPUT_LOST.load(Ordering::Relaxed)
}

/// How the names of files begin that are written beside another one, to replace it.
pub(crate) const BESIDE: &str = ".new-";

/// Writes the result of a command to a file that the user named, as [`write_file`] does, unless a table or a part of the
/// frozen side is there. `-` and the names of the standard streams mean these.
///
/// # Errors
///
/// Returns what is there, or why the file could not be written.
pub fn write_result(file: &Path, text: &str) -> Result<()> {
    if is_stdout(file) {
        return to_stdout(text);
    }
    if is_stderr(file) {
        to_stderr(text);
        return Ok(());
    }
    replaces_none(file)?;
    write_file(file, text)
}

/// Checks that no result takes the place of a table or of a part of the frozen side.
///
/// # Errors
///
/// Returns what is there.
pub(crate) fn replaces_none(file: &Path) -> Result<()> {
    match kept(file) {
        Some(what) => bail!("`{}` is {what}, and a result is written over none: name another file", file.display()),
        None => Ok(()),
    }
}

/// Writes a file, and the directories on the way to it. The text is written beside the file, which is then replaced: it
/// has the old text or the new one, whatever happens in between.
///
/// # Errors
///
/// Returns why the file could not be written; it is as it was then.
pub fn write_file(file: &Path, text: &str) -> Result<()> {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(directory).with_context(|| format!("cannot create `{}`", directory.display()))?;
    // A link stays a link, and a device is no file that could be replaced.
    let target = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let known = fs::metadata(&target).ok();
    let written = match &known {
        Some(known) if !known.is_file() => fs::write(&target, text),
        Some(known) => replace(&target, text, Some(known.permissions())),
        None => replace(&target, text, None),
    };
    let written = match written {
        // Whoever may not write into the directory may still write the file.
        Err(error) if error.kind() == ErrorKind::PermissionDenied && known.is_some() => fs::write(&target, text),
        written => written,
    };
    written.with_context(|| format!("cannot write `{}`", file.display()))
}

fn replace(target: &Path, text: &str, permissions: Option<Permissions>) -> io::Result<()> {
    let directory = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(BESIDE);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut beside = builder.tempfile_in(directory)?;
    beside.write_all(text.as_bytes())?;
    if let Some(permissions) = permissions {
        beside.as_file().set_permissions(permissions)?;
    }
    beside.as_file().sync_all()?;
    beside.persist(target).map(drop).map_err(|error| error.error)
}

fn colour_unless_refused() -> Style {
    style_for(|name| std::env::var_os(name))
}

/// The style for a terminal, by the variables of the environment. A dumb one shows the codes of colours as text.
fn style_for(variable: impl Fn(&str) -> Option<OsString>) -> Style {
    let is_refused = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = variable("TERM").is_some_and(|name| name == "dumb");
    if is_refused || is_dumb { Style::Plain } else { Style::Coloured }
}

#[cfg(test)]
mod tests {
    use super::{Style, style_for};

    #[test]
    fn colours_are_for_terminals_that_have_them_and_people_who_want_them() {
        let cases = [
            ("TERM", "xterm", Style::Coloured),
            ("TERM", "dumb", Style::Plain),
            ("NO_COLOR", "1", Style::Plain),
            ("NO_COLOR", "", Style::Coloured),
        ];
        for (set, value, style) in cases {
            assert_eq!(style_for(|name| (name == set).then(|| value.into())), style, "{set}={value}");
        }
    }
}
