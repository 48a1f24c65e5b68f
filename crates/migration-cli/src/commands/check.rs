//! `check`: says what is wrong with the table, to people or to programs.

pub(crate) mod items;
mod json;
mod text;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use migration_table::check::Notes;

use crate::outcome::Outcome;
use crate::output::Output;
use crate::report::{github, sarif};
use crate::table_file::{Read, TableFile};
use crate::tables::Tables;

pub(crate) use json::report as json_report;
pub use text::summary;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n\
    \x20 migration-table check\n\
    \x20 migration-table check a.yaml b.yaml\n\
    \x20 generate-table | migration-table check - --format json")]
pub struct Arguments {
    /// The tables; `-` is standard input [default: as `--table` says]
    #[arg(value_name = "TABLE")]
    named: Vec<PathBuf>,

    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Also lists what is worth knowing although nothing is wrong: every race that precedence decides
    #[arg(long)]
    notes: bool,

    #[command(flatten)]
    output: Output,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs: one object with all findings, of a shape that stays; for several tables a list of them
    Json,
    /// For GitHub Actions: annotations of the lines of a pull request
    Github,
    /// For code hosts and editors: SARIF 2.1.0
    Sarif,
}

/// Checks the tables and prints their findings.
pub(crate) fn run(tables: &Tables, arguments: &Arguments) -> Result<Outcome> {
    let notes = if arguments.notes { Notes::Listed } else { Notes::LeftOut };
    let read = |file: TableFile| file.read_with(notes).map(|read| (file, read));
    let files: Vec<(TableFile, Read)> = tables.files(&arguments.named)?.into_iter().map(read).collect::<Result<_>>()?;
    let each =
        |report: &dyn Fn(&TableFile, &Read) -> String| files.iter().map(|(file, read)| report(file, read)).collect();
    let text: String = match arguments.format {
        Format::Text => each(&|file, read| text::report(file, read, arguments.output.style())),
        Format::Json => match files.as_slice() {
            [(file, read)] => json::report(file.name(), read),
            files => json::reports(&files.iter().map(|(file, read)| (file.name(), read)).collect::<Vec<_>>()),
        },
        Format::Github => each(&|file, read| github::report(&items::of(&file.in_repository(), read))),
        Format::Sarif => sarif::report(&files.iter().map(|(file, read)| items::run(file, read)).collect::<Vec<_>>()),
    };
    arguments.output.write(&text)?;
    let is_clean = files.iter().all(|(_, read)| !read.has_something_to_mend());
    Ok(if is_clean { Outcome::Clean } else { Outcome::Findings })
}
