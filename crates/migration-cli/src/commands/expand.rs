//! `expand`: prints the code that the macro generates from the table.

mod items;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::outcome::Outcome;
use crate::output::Output;
use crate::tables::Tables;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n\
    \x20 migration-table expand\n\
    \x20 migration-table expand other.yaml -o expanded.rs")]
pub struct Arguments {
    /// The table; `-` is standard input [default: as `--table` says]
    #[arg(value_name = "TABLE")]
    named: Option<PathBuf>,

    #[command(flatten)]
    output: Output,
}

/// Prints the generated code, formatted.
pub(crate) fn run(tables: &Tables, arguments: &Arguments) -> Result<Outcome> {
    let file = tables.file_or(arguments.named.as_ref())?;
    let Some(table) = file.read_sound()? else { return Ok(Outcome::Findings) };
    let tokens = migration_generate::generate(&table, &migration_generate::default_engine());
    let code = items::print(tokens).context("the generated code is not Rust; this is a fault of the generator")?;
    arguments.output.write(&code)?;
    Ok(Outcome::Clean)
}
