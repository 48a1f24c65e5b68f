//! `api diff`: what a client of one side sees differently in the other.

use anyhow::Result;
use clap::Args;
use migration_contract::compare::Level;
use migration_table::Style;

use super::format::Format;
use crate::api::side::Side;
use crate::api::{judge, side};
use crate::outcome::Outcome;
use crate::output::Output;
use crate::table_file::TableFile;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// What clients know: a table (`.yaml`), a lock, a release (`0.1`) or a commit
    old: String,

    /// What they meet, named in the same way
    new: String,

    /// How the differences are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    output: Output,
}

/// Compares two sides. Like `diff`, it ends with 1 if they are not the same.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let new = side::named(&arguments.new, file.path())?;
    let old = side::named(&arguments.old, file.path())?;
    let judgement = judge::by_sides(new, &[old])?;
    arguments.output.write(&arguments.format.report(&judgement, Level::Note, arguments.output.style())?)?;
    Ok(if judgement.fails(Level::Note) { Outcome::Findings } else { Outcome::Clean })
}

/// What `--format json` says of two sides.
pub(crate) fn document(new: Side, old: Side) -> Result<String> {
    Format::Json.report(&judge::by_sides(new, &[old])?, Level::Note, Style::Plain)
}
