//! `api check`: judges the table by its lock, its releases and its approvals, or by any other side.

use anyhow::Result;
use clap::{Args, ValueEnum};
use migration_contract::compare::Level;

use super::format::{Format, Report, Unsound};
use crate::api::files::Files;
use crate::api::side;
use crate::outcome::Outcome;
use crate::output::{Output, stderr_style, to_stderr};
use crate::table_file::TableFile;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n\
\x20 migration-table api check\n\
\x20 migration-table api check --against origin/main --fail-on warn\n\
\x20 migration-table api check --format github    in a workflow: a line at each place\n\
\n\
Exit status: 0 no client is hurt, 1 one is, 2 it could not run or gave up.")]
pub(crate) struct Arguments {
    /// Compares with this instead of the releases: a table, a lock, a release or a commit; may be given several times
    #[arg(long, value_name = "SIDE")]
    against: Vec<String>,

    /// The least that makes the check fail
    #[arg(long, value_enum, default_value_t = FailOn::Break)]
    fail_on: FailOn,

    /// How the findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    output: Output,
}

/// What makes a check fail.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FailOn {
    /// What a client that was promised compatibility cannot live with
    Break,
    /// Also what cannot be decided, or hurts others
    Warn,
    /// Every difference
    Note,
}

impl FailOn {
    /// The least level that makes a check fail.
    pub(super) fn level(self) -> Level {
        match self {
            FailOn::Break => Level::Break,
            FailOn::Warn => Level::Warn,
            FailOn::Note => Level::Note,
        }
    }
}

/// Judges the table and prints what is to be said about it.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let fail_on = arguments.fail_on.level();
    let read = file.read()?;
    let Some(table) = read.sound() else {
        say_unsound(&Unsound { file, read: &read, fail_on }, arguments)?;
        return Ok(Outcome::Findings);
    };
    let new = side::of_model(file.name(), file.path(), read.text.clone(), table)?;
    let judgement = if arguments.against.is_empty() {
        Files::beside(file.path()).judge(&new.public)?
    } else {
        let named = |word: &String| side::named(word, file);
        let olds = arguments.against.iter().map(named).collect::<Result<Vec<_>>>()?;
        side::judge_approved(&new, &olds, &Files::beside(file.path()))?
    };
    let report = Report { new: &new, judgement: &judgement, fail_on, invocation: file.invocation() };
    arguments.output.write(&arguments.format.write(&report, arguments.output.style())?)?;
    Ok(if judgement.fails(fail_on) { Outcome::Findings } else { Outcome::Clean })
}

/// Writes the findings of a table with errors. People read them on standard error, as those of the other commands that
/// need a sound table.
fn say_unsound(unsound: &Unsound<'_>, arguments: &Arguments) -> Result<()> {
    let output = &arguments.output;
    if arguments.format == Format::Text {
        to_stderr(&arguments.format.write_unsound(unsound, stderr_style())?);
    }
    if arguments.format != Format::Text || output.is_file() {
        output.write(&arguments.format.write_unsound(unsound, output.style())?)?;
    }
    Ok(())
}
