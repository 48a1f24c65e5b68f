//! `races`: every pair of facts that can meet in a state, and who wins.

use anyhow::Result;
use clap::Args;
use migration_draw::glance;

use crate::outcome::Outcome;
use crate::table_file::TableFile;
use crate::view::View;

#[derive(Args, Debug)]
pub struct Arguments {
    /// The machine to look at [default: all]
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,

    #[command(flatten)]
    view: View,
}

/// Prints who wins, by which rule, and where nobody but the order of arrival decides.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let Some(table) = file.read_resolved()? else { return Ok(Outcome::Findings) };
    let machines = crate::view::machines(&table, arguments.machine.as_deref())?;
    let pages = machines.into_iter().map(glance::race_page).collect::<Result<Vec<_>, _>>()?;
    arguments.view.write(&pages)?;
    Ok(Outcome::Clean)
}
