//! `coverage`: which rows do walks and recordings take, and do the walks still come out as they were saved?

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::iter;
use std::path::Path;

use anyhow::Result;
use clap::Args;
use migration_draw::Step;
use migration_table::model::{Machine, StateId};
use migration_table::together::only_together;

use super::paths::ONLY_TOGETHER;
use super::recording::Assumed;
use super::trace::{self, Reading};
use crate::input;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::table_file::TableFile;
use crate::tables::Tables;
use crate::view;

const AFTER_HELP: &str = "\
A row counts once for each state that it leaves and for each case of its formula. A recording does not show every row: what fits only some of the runs \
that explain it counts as perhaps taken. A saved walk that comes out differently now is reported with its first such step.

Examples:
  migration-table coverage walks/*.walk session.jsonl
  migration-table diagram coverage walks/*.walk -o coverage.svg

Exit status: 0 every row is taken and every walk comes out as it was saved, 1 not so, 2 it could not run.";

#[derive(Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// Walks that `step` and `paths` save, recordings that `replay` reads, and reports of `verify`
    #[arg(value_name = "WALK|LOG|REPORT", required = true)]
    files: Vec<String>,

    /// The machine to look at [default: all of them]
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,

    #[command(flatten)]
    assumed: Assumed,

    #[command(flatten)]
    output: Output,
}

/// The rows of a machine that were taken, each with the state that it left, and whether that is certain.
type Taken = BTreeMap<(usize, StateId), bool>;

/// Returns the table that is covered: where the user names none, the walks may.
pub(crate) fn table(tables: &Tables, arguments: &Arguments) -> Result<TableFile> {
    tables.file_of_walks(&arguments.files.iter().map(Path::new).collect::<Vec<_>>())
}

/// Lists the rows that nothing takes.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    input::refuse_twice(iter::once(file.path()).chain(arguments.files.iter().map(Path::new)))?;
    let Some(table) = file.read_resolved()? else { return Ok(Outcome::Findings) };
    let reading = Reading { assumed: &arguments.assumed, finding: None };
    let mut out = String::new();
    let mut is_clean = true;
    for name in arguments.files.iter().filter(|name| name.as_str() != "-") {
        let path = Path::new(name);
        if trace::is_walk(path)?
            && let Some((then, now)) = trace::differences(&table, path)?
        {
            let _ = writeln!(out, "{name}: comes out differently\n  saved: {then}\n  now:   {now}");
            is_clean = false;
        }
    }
    let found = trace::all(&table, file.name(), &arguments.files, reading).map_err(|error| file.filled(&error))?;
    for machine in view::machines(&table, arguments.machine.as_deref())? {
        let taken = taken(machine, &found.trace.steps);
        is_clean &= write_machine(&mut out, file.name(), machine, &taken);
    }
    arguments.output.write(&out)?;
    Ok(if is_clean && found.outcome == Outcome::Clean { Outcome::Clean } else { Outcome::Findings })
}

fn taken(machine: &Machine, steps: &[Step<'_>]) -> Taken {
    let mut taken = Taken::new();
    for step in steps.iter().filter(|step| step.machine == machine.name) {
        *taken.entry((step.row, step.from)).or_default() |= step.is_certain;
    }
    taken
}

/// Writes what is missing, a line for each row, and a summary; returns whether nothing is.
fn write_machine(out: &mut String, table: &str, machine: &Machine, taken: &Taken) -> bool {
    let (mut all, mut certain, mut perhaps) = (0, 0, 0);
    let together = only_together(machine).unwrap_or_default();
    for (number, row) in machine.rows.iter().enumerate() {
        let mut missing: BTreeSet<&str> = BTreeSet::new();
        let needs_several = row.from.iter().all(|state| together.contains(&(*state, number)));
        for state in &row.from {
            all += 1;
            match taken.get(&(number, *state)) {
                Some(true) => certain += 1,
                Some(false) => perhaps += 1,
                None => drop(missing.insert(&machine.state(*state).name)),
            }
        }
        if !missing.is_empty() {
            let of_all = missing.len() == row.from.len();
            let states: Vec<String> = missing.into_iter().map(|name| format!("`{name}`")).collect();
            let from = if of_all { String::new() } else { format!(" from {}", states.join(", ")) };
            let (name, line) = (&machine.name, row.span.line);
            let case = if row.case == row.when { String::new() } else { format!("the case `{}` of ", row.case) };
            let why = if needs_several { format!(", which fires {ONLY_TOGETHER}") } else { String::new() };
            let _ = writeln!(out, "{table}:{line}: {name}: nothing takes {case}the row `{}`{from}{why}", row.when);
        }
    }
    let also = if perhaps == 0 { String::new() } else { format!(", and perhaps {perhaps} more") };
    let _ = writeln!(out, "{table}: {}: {certain} of {all} rows are taken{also}", machine.name);
    certain + perhaps == all
}
