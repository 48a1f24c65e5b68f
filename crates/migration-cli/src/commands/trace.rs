//! Runs to draw: what a file says that was done, as the rows that fire.

mod found;
mod joint;
mod recording;
mod report;
mod walk;

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

use anyhow::{Context, Result, bail};
use migration_draw::Trace;
use migration_table::model::Table;

use crate::commands::recording::Assumed;
use crate::outcome::Outcome;

pub(super) use found::Found;
pub(super) use joint::{Shown, read as counterexamples};
pub(super) use walk::differences;

/// How much of a file is looked at to see what it is, in lines.
const HEAD_LINES: usize = 64;

/// The same, in bytes.
const HEAD_BYTES: u64 = 64 << 10;

/// What else a run is read from than the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading<'a> {
    pub(super) assumed: &'a Assumed,
    /// Which finding of a report is meant, if that was said.
    pub(super) finding: Option<&'a str>,
}

/// Reads a walk, a report or a recording; `table_name` is how messages name the table.
pub(super) fn read<'t>(table: &'t Table, table_name: &str, path: &Path, reading: Reading<'_>) -> Result<Found<'t>> {
    reading.assumed.fits(table, table_name)?;
    // Standard input can be looked at once only, and is a recording.
    let is_file = path != Path::new("-");
    if is_file && let Some(report) = report::Report::read(path)? {
        return report.run(table, path, reading.finding);
    }
    if is_file && let Some(shown) = joint::read(path)? {
        return joint::run(table, path, &shown, reading.finding);
    }
    if reading.finding.is_some() {
        bail!("`--finding` is for a report, and `{}` is none", path.display());
    }
    if is_file && is_walk(path)? { walk::read(table, path) } else { recording::read(table, path, reading.assumed) }
}

/// Reads several files, and returns what all of them take as one run.
pub(super) fn all<'t>(table: &'t Table, table_name: &str, files: &[String], reading: Reading<'_>) -> Result<Found<'t>> {
    let mut found = Found { trace: Trace::default(), outcome: Outcome::Clean, different: Vec::new() };
    for file in files {
        let next = read(table, table_name, Path::new(file), reading)?;
        found.trace.steps.extend(next.trace.steps);
        found.different.extend(next.different);
        if next.outcome != Outcome::Clean {
            found.outcome = next.outcome;
        }
    }
    Ok(found)
}

/// Whether the file begins as `step` writes it.
pub(super) fn is_walk(path: &Path) -> Result<bool> {
    let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    for line in BufReader::new(file.take(HEAD_BYTES)).split(b'\n').take(HEAD_LINES) {
        let line = line.with_context(|| format!("cannot read `{}`", path.display()))?;
        if line.starts_with(b"table:") || line.starts_with(b"machine:") {
            return Ok(true);
        }
    }
    Ok(false)
}
