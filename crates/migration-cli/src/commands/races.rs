//! `races`: every pair of facts that can meet in a state, and who wins.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use migration_draw::glance;

use crate::outcome::Outcome;
use crate::tables::Tables;
use crate::view::{View, decided};

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n\
    \x20 migration-table races\n\
    \x20 migration-table races --machine source")]
pub struct Arguments {
    /// The table; `-` is standard input [default: as `--table` says]
    #[arg(value_name = "TABLE")]
    named: Option<PathBuf>,

    /// The machine to look at [default: all]
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,

    #[command(flatten)]
    view: View,
}

/// Prints who wins, by which rule, and where nobody but the order of arrival decides.
pub(crate) fn run(tables: &Tables, arguments: &Arguments) -> Result<Outcome> {
    let file = tables.file_or(arguments.named.as_ref())?;
    let Some(table) = file.read_resolved()? else { return Ok(Outcome::Findings) };
    let machines = crate::view::machines(&table, arguments.machine.as_deref())?;
    let page = |machine| decided(machine, glance::race_page(machine));
    let pages = machines.into_iter().map(page).collect::<Result<Vec<_>>>()?;
    arguments.view.write(&pages)?;
    Ok(Outcome::Clean)
}
