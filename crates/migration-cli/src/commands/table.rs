//! `table`: what a machine says to every trigger, and does about every event, in every state; and what is declared.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use migration_draw::glance;

use crate::outcome::Outcome;
use crate::tables::Tables;
use crate::view::{View, decided};

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n\
    \x20 migration-table table\n\
    \x20 migration-table table --machine source --show all\n\
    \x20 migration-table table --format markdown -o answers.md")]
pub struct Arguments {
    /// The table; `-` is standard input [default: as `--table` says]
    #[arg(value_name = "TABLE")]
    named: Option<PathBuf>,

    /// The machine to look at [default: all]
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,

    /// What is told
    #[arg(long, value_enum, default_value_t = Show::Answers)]
    show: Show,

    #[command(flatten)]
    view: View,
}

/// What is told of each machine.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Show {
    /// What every state does about every trigger and every event
    Answers,
    /// The statuses, and the states and transitions with what they mean
    Lists,
    /// All of it
    All,
}

/// Prints states by triggers and states by events, or lists of what is declared.
pub(crate) fn run(tables: &Tables, arguments: &Arguments) -> Result<Outcome> {
    let file = tables.file_or(arguments.named.as_ref())?;
    let Some(table) = file.read_resolved()? else { return Ok(Outcome::Findings) };
    let machines = crate::view::machines(&table, arguments.machine.as_deref())?;
    let (has_answers, has_lists) = match arguments.show {
        Show::Answers => (true, false),
        Show::Lists => (false, true),
        Show::All => (true, true),
    };
    let mut pages = Vec::new();
    if has_lists {
        pages.push(glance::statuses(&table));
    }
    for machine in machines {
        if has_lists {
            pages.push(glance::lists(&table, machine));
        }
        if has_answers {
            pages.push(decided(machine, glance::tables(machine))?);
        }
    }
    arguments.view.write(&pages)?;
    Ok(Outcome::Clean)
}
