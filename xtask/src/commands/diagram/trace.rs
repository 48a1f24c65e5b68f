//! Runs to draw: what a file says that was done, as the rows that fire.

mod recording;
mod walk;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result};
use migration_table::draw::Trace;
use migration_table::model::{Machine, Table};

use super::super::replay::Assumed;
use crate::outcome::Outcome;

/// How much of a file is looked at to see what it is, in lines.
const HEAD_LINES: usize = 64;

/// A run that was found in a file.
pub(super) struct Found<'t> {
    /// What is drawn.
    pub(super) trace: Trace<'t>,
    /// What the file comes to: findings, if it is no run to its end.
    pub(super) outcome: Outcome,
}

impl Found<'_> {
    /// The machines among these that took steps, or all if none did.
    pub(super) fn gone<'m>(&self, machines: Vec<&'m Machine>) -> Vec<&'m Machine> {
        let went = |machine: &&Machine| self.trace.steps.iter().any(|step| step.machine == machine.name);
        if machines.iter().any(went) { machines.into_iter().filter(went).collect() } else { machines }
    }
}

/// Reads a walk or a recording; `table_name` is how messages name the table.
pub(super) fn read<'t>(table: &'t Table, table_name: &str, path: &Path, assumed: &Assumed) -> Result<Found<'t>> {
    assumed.fits(table, table_name)?;
    if is_walk(path)? { walk::read(table, path) } else { recording::read(table, path, assumed) }
}

/// Whether the file begins as `step` writes it. Standard input is never a walk: it can be looked at once only.
fn is_walk(path: &Path) -> Result<bool> {
    if path == Path::new("-") {
        return Ok(false);
    }
    let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    for line in BufReader::new(file).split(b'\n').take(HEAD_LINES) {
        let line = line.with_context(|| format!("cannot read `{}`", path.display()))?;
        if line.starts_with(b"table:") || line.starts_with(b"machine:") {
            return Ok(true);
        }
    }
    Ok(false)
}
