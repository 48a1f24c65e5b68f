//! `schema`: the JSON Schema of tables, for editors.

use anyhow::Result;
use clap::Args;
use migration_table::declare::schema;

use crate::outcome::Outcome;
use crate::output::Output;

#[derive(Args, Debug)]
#[command(after_help = "Example:\n  migration-table schema -o states.schema.json\n\n\
    An editor with a YAML language server reads it where a table begins with\n  \
    # yaml-language-server: $schema=states.schema.json")]
pub struct Arguments {
    #[command(flatten)]
    output: Output,
}

/// Prints the schema.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    arguments.output.write(&schema())?;
    Ok(Outcome::Clean)
}
