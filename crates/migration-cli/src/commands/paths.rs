//! `paths`: walks that take every row of a machine, or every pair of rows.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use migration_replay::walk::{Action, Verb, Walk, Walker};
use migration_table::model::{Machine, StateId, Table};
use migration_table::together::only_together;
use migration_verify::{Cover, Move, Path, paths};

use super::step::may_never_end;
use crate::outcome::Outcome;
use crate::output::{stderr_style, to_stderr, to_stdout, write_result};
use crate::table_file::TableFile;
use crate::view;

const AFTER_HELP: &str = "\
A walk is what `step` saves: triggers, events and guards, and what comes of each. Saved walks are test cases: \
`coverage` takes them again and reports what comes out differently, and which rows nothing takes.

Examples:
  migration-table paths                  lists the walks that take every row
  migration-table paths --cover pairs    every two rows that can follow each other
  migration-table paths -o walks/        saves them, a file each";

/// When a row fires that no walk takes.
pub(super) const ONLY_TOGETHER: &str = "only if several facts are set before the machine looks";

#[derive(Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The machine to walk over [default: all of them]
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,

    /// What the walks take, from each state that a row leaves
    #[arg(long, value_enum, default_value_t = Covered::Rows)]
    cover: Covered,

    /// Saves the walks in this directory, each in a file of its name
    #[arg(short = 'o', long = "output", value_name = "DIR")]
    output: Option<PathBuf>,
}

/// What walks take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Covered {
    /// Every row
    Rows,
    /// Every two rows of which the second can fire next after the first
    Pairs,
}

impl Covered {
    /// Returns what is covered, and how people call it.
    fn meaning(self) -> (Cover, &'static str) {
        match self {
            Covered::Rows => (Cover::Rows, "rows"),
            Covered::Pairs => (Cover::Pairs, "pairs of rows"),
        }
    }
}

/// Lists or saves the walks.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let read = file.read()?;
    let Some(table) = read.table.as_ref().filter(|_| !may_never_end(&read)) else {
        to_stderr(&file.render(&read, stderr_style()));
        return Ok(Outcome::Findings);
    };
    let (cover, what) = arguments.cover.meaning();
    for machine in view::machines(table, arguments.machine.as_deref())? {
        let found = paths(machine, cover)?;
        let (walks, steps, covered) = (found.walks.len(), found.steps(), found.covered);
        for path in &found.walks {
            let walk = walk(table, machine, path, &file.in_repository())?;
            match &arguments.output {
                Some(directory) => write_result(&directory.join(format!("{}.walk", path.name)), &walk.to_string())?,
                None => to_stdout(&listed(path))?,
            }
        }
        let summary = format!("{}: {walks} walks of {steps} steps take all {covered} {what}\n", machine.name);
        let summary = format!("{summary}{}", not_walked(machine));
        if arguments.output.is_some() { to_stderr(&summary) } else { to_stdout(&summary)? }
    }
    Ok(Outcome::Clean)
}

/// Says which rows no walk takes, since a walk goes one fact at a time.
fn not_walked(machine: &Machine) -> String {
    let rows = only_together(machine).unwrap_or_default();
    let named =
        |(state, row): &(StateId, usize)| format!("`{}` in `{}`", machine.rows[*row].when, machine.state(*state).name);
    let named: Vec<String> = rows.iter().map(named).collect();
    if named.is_empty() {
        return String::new();
    }
    format!("{}: no walk takes what fires {ONLY_TOGETHER}: {}\n", machine.name, named.join(", "))
}

/// Returns the walks over all machines, each as the name and the text of its file.
///
/// # Errors
///
/// When a machine has too many configurations.
pub fn saved(file: &TableFile, table: &Table, covered: Covered) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for machine in &table.machines {
        for path in &paths(machine, covered.meaning().0)?.walks {
            let text = walk(table, machine, path, &file.in_repository())?.to_string();
            files.push((format!("{}.walk", path.name), text));
        }
    }
    Ok(files)
}

/// The name of a walk, and what is done on it.
fn listed(path: &Path) -> String {
    let step = |step: &Move| {
        let action = action(step);
        format!("{} {}", action.verb.word(), action.name)
    };
    let steps: Vec<String> = path.moves.iter().map(step).collect();
    format!("{}\n    {}\n", path.name, steps.join(", "))
}

fn action(step: &Move) -> Action {
    let (verb, name) = match step {
        Move::Set(name) => (Verb::Set, name),
        Move::Clear(name) => (Verb::Clear, name),
        Move::Raise(name) => (Verb::Raise, name),
        Move::Report(name) => (Verb::Report, name),
    };
    Action { verb, name: name.clone() }
}

/// Takes a path with the interpreter, so that the walk says what comes of each step.
fn walk(table: &Table, machine: &Machine, path: &Path, table_name: &str) -> Result<Walk> {
    let mut walker = Walker::new(table, machine);
    for step in &path.moves {
        walker.take(&action(step)).with_context(|| format!("cannot take the walk `{}`", path.name))?;
    }
    Ok(walker.walk(table_name))
}
