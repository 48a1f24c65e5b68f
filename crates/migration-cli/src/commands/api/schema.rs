//! `api schema`: the JSON Schema of `--format json`, so that programs need not guess what they are told.

use anyhow::Result;
use clap::Args;

use crate::outcome::Outcome;
use crate::output::Output;

#[derive(Args, Debug)]
#[command(after_help = "Example:\n\
\x20 migration-table api schema -o api-report.schema.json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    output: Output,
}

/// Prints the schema.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    arguments.output.write(&text()?)?;
    Ok(Outcome::Clean)
}

/// The schema, as it is kept in docs/.
pub fn text() -> Result<String> {
    super::format::schema()
}
