//! From a saved walk to the rows that fire on it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use migration_table::model::{StateId, Table};
use migration_table::walk::{Walk, Walker};

/// Reads the file of a walk.
pub(super) fn read(path: &Path) -> Result<Walk> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read the walk `{}`", path.display()))?;
    text.parse().with_context(|| format!("`{}` is no walk", path.display()))
}

/// The rows that fire when the walk is taken now, each with the state that it leaves.
pub(super) fn steps(table: &Table, walk: &Walk) -> Result<Vec<(StateId, usize)>> {
    let machine =
        table.machine(&walk.machine).with_context(|| format!("the table has no machine `{}`", walk.machine))?;
    let mut walker = Walker::new(table, machine);
    for step in &walk.steps {
        walker.take(&step.action).with_context(|| format!("the walk cannot be taken any more at `{step}`"))?;
    }
    let mut state = machine.initial;
    let steps = walker.run().fired().iter().map(|row| {
        let from = std::mem::replace(&mut state, machine.rows[*row].to);
        (from, *row)
    });
    Ok(steps.collect())
}
