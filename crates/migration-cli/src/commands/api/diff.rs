//! `api diff`: what a client of one side sees differently in the other.

use anyhow::Result;
use clap::Args;
use migration_contract::compare::Level;
use migration_table::{Invocation, Style};

use super::format::{Format, Report};
use crate::api::side::{self, Side};
use crate::outcome::Outcome;
use crate::output::Output;
use crate::table_file::TableFile;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n\
\x20 migration-table api diff 0.1 states.yaml\n\
\x20 migration-table api diff HEAD~1 HEAD\n\
\x20 migration-table api diff v0.1:tables/states.yaml states.yaml\n\
\n\
Exit status: 0 no findings, 1 findings, notes among them, or a table has errors that leave nothing to compare, 2 it could not run or gave up.")]
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
    let new = side::named(&arguments.new, file)?;
    let old = side::named(&arguments.old, file)?;
    let judgement = side::judge(&new, &[old])?;
    // JSON has `passed`, which agrees with the exit status. The other formats mark what is to be mended.
    let fail_on = if arguments.format == Format::Json { Level::Note } else { Level::Break };
    let report = Report { new: &new, judgement: &judgement, fail_on, invocation: file.invocation() };
    arguments.output.write(&arguments.format.write(&report, arguments.output.style())?)?;
    Ok(if judgement.fails(Level::Note) { Outcome::Findings } else { Outcome::Clean })
}

/// Returns what `--format json` writes about two sides.
pub(crate) fn document(new: Side, old: Side) -> Result<String> {
    let judgement = side::judge(&new, &[old])?;
    Format::Json.write(
        &Report { new: &new, judgement: &judgement, fail_on: Level::Note, invocation: &Invocation::default() },
        Style::Plain,
    )
}
