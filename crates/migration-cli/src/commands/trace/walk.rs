//! From a saved walk to the rows that fire on it.

use std::path::Path;

use anyhow::{Context, Result};
use migration_draw::{Step, Trace};
use migration_replay::walk::{Walk, Walker};
use migration_table::model::Table;

use super::found::Found;
use crate::input;
use crate::outcome::Outcome;

/// Reads a walk and takes it, as the table is now.
pub(super) fn read<'t>(table: &'t Table, path: &Path) -> Result<Found<'t>> {
    let walk = saved(path)?;
    let machine =
        table.machine(&walk.machine).with_context(|| format!("the table has no machine `{}`", walk.machine))?;
    let mut walker = Walker::new(table, machine);
    for step in &walk.steps {
        let taken = walker.take(&step.action);
        taken.with_context(|| format!("the walk cannot be taken any more at `{step}`"))?;
    }
    let again = walk.again(table)?;
    let pairs = walk.steps.iter().zip(&again.steps).filter(|(then, now)| then != now);
    let notes = pairs.map(|(then, now)| {
        let now = now.outcome.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("the walk says `{then}`, and now it is `{now}`")
    });
    let notes: Vec<String> = notes.collect();
    let outcome = if notes.is_empty() { Outcome::Clean } else { Outcome::Findings };
    let different = notes.iter().map(|note| format!("{}: {note}", path.display())).collect();
    let mut state = machine.initial;
    let steps = walker.run().fired().iter().map(|row| {
        let from = std::mem::replace(&mut state, machine.rows[*row].to);
        Step { machine: &machine.name, from, row: *row, is_certain: true }
    });
    let ends = vec![(machine.name.as_str(), walker.run().state())];
    let trace = Trace { steps: steps.collect(), ends, notes };
    Ok(Found { trace, outcome, different })
}

fn saved(path: &Path) -> Result<Walk> {
    let text = input::text(path, "the walk")?;
    text.parse().with_context(|| format!("`{}` is no walk", path.display()))
}

/// Returns the first step of a saved walk that comes out differently now: as it was saved, and as it is.
pub(in crate::commands) fn differences(table: &Table, path: &Path) -> Result<Option<(String, String)>> {
    let walk = saved(path)?;
    let again = walk.again(table).with_context(|| format!("the walk `{}` cannot be taken any more", path.display()))?;
    let mut pairs = walk.steps.iter().zip(&again.steps);
    Ok(pairs.find(|(then, now)| then != now).map(|(then, now)| (then.to_string(), now.to_string())))
}
