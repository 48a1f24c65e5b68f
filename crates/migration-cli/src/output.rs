//! Where a command's result goes: standard output, or the file that `-o` names.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use migration_table::Style;

/// The option that every command with a result has.
#[derive(Args, Clone, Debug)]
pub struct Output {
    /// Writes the result to a file instead of standard output
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Output {
    /// Writes the result of a command to where the user wants it.
    pub fn write(&self, text: &str) -> Result<()> {
        match &self.file {
            Some(file) => write_file(file, text),
            None => to_stdout(text),
        }
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

/// How things are rendered on standard output.
pub fn stdout_style() -> Style {
    if io::stdout().is_terminal() { colour_unless_refused() } else { Style::Plain }
}

/// How findings are rendered on standard error.
pub fn stderr_style() -> Style {
    if io::stderr().is_terminal() { colour_unless_refused() } else { Style::Plain }
}

/// Prints to standard output. A closed pipe is an error here, where `print!` would panic.
pub fn to_stdout(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Writes a file, and the directories on the way to it.
pub fn write_file(file: &Path, text: &str) -> Result<()> {
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory).with_context(|| format!("cannot create `{}`", directory.display()))?;
    }
    fs::write(file, text).with_context(|| format!("cannot write `{}`", file.display()))
}

fn colour_unless_refused() -> Style {
    match std::env::var_os("NO_COLOR") {
        Some(value) if !value.is_empty() => Style::Plain,
        Some(_) | None => Style::Coloured,
    }
}
