//! `api`: the frozen side of the table. What clients were shown is compared with what they would be shown now.

mod bless;
mod check;
mod diff;
mod format;
mod freeze;
mod log;
mod schema;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::outcome::Outcome;
use crate::table_file::TableFile;
use crate::tables::Tables;

pub(crate) use diff::document as difference;
pub use log::page as log_page;
pub use schema::text as report_schema;

#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Says whether a client of any supported release can live with the table
    Check(check::Arguments),
    /// Says what a client of OLD sees differently in NEW
    Diff(diff::Arguments),
    /// Writes the lock anew, or approves a difference
    Bless(bless::Arguments),
    /// Writes the file of a release, once and for ever
    Freeze(freeze::Arguments),
    /// Prints the history of the public API, as a page
    Log(log::Arguments),
    /// Prints the JSON Schema of `--format json`
    Schema(schema::Arguments),
}

/// Writes the first lock of a table.
pub(crate) fn bless(file: &TableFile) -> Result<Outcome> {
    bless::run(file, &bless::Arguments::default())
}

/// Runs one of the commands.
pub fn run(tables: &Tables, arguments: &Arguments) -> Result<Outcome> {
    let file = || tables.file_on_disk();
    match &arguments.command {
        Command::Check(arguments) => check::run(&file()?, arguments),
        Command::Diff(arguments) => diff::run(&tables.file_if_any()?, arguments),
        Command::Bless(arguments) => bless::run(&file()?, arguments),
        Command::Freeze(arguments) => freeze::run(&file()?, arguments),
        Command::Log(arguments) => log::run(&file()?, arguments),
        Command::Schema(arguments) => schema::run(arguments),
    }
}
