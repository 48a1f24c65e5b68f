//! `expand`: prints the code that the macro generates from the table.

use anyhow::{Context, Result};
use clap::Args;

use crate::outcome::Outcome;
use crate::output::Output;
use crate::table_file::TableFile;

#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    output: Output,
}

/// Prints the generated code, formatted.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let Some(table) = file.read_sound()? else { return Ok(Outcome::Findings) };
    let tokens = migration_generate::generate(&table);
    let code = syn::parse2(tokens).context("the generated code is not Rust; this is a fault of the generator")?;
    arguments.output.write(&prettyplease::unparse(&code))?;
    Ok(Outcome::Clean)
}
