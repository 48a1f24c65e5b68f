//! `check`: says what is wrong with the table, to people or to programs.

pub(crate) mod github;
mod json;
mod region;
pub(crate) mod sarif;
mod text;

use anyhow::Result;
use clap::{Args, ValueEnum};
use migration_contract::checks;
use migration_table::check::Notes;
use migration_table::{Code, Finding};

use crate::outcome::Outcome;
use crate::output::Output;
use crate::table_file::TableFile;

use region::Region;

pub(crate) use json::report as json_report;
pub use text::summary;

#[derive(Args, Debug)]
pub struct Arguments {
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
    /// For programs: one object with all findings, of a shape that stays
    Json,
    /// For GitHub Actions: annotations of the lines of a pull request
    Github,
    /// For code hosts and editors: SARIF 2.1.0
    Sarif,
}

/// Checks the table and prints what is to be said about it.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let notes = if arguments.notes { Notes::Listed } else { Notes::LeftOut };
    let read = file.read_with(notes)?;
    let text = match arguments.format {
        Format::Text => text::report(file, &read, arguments.output.style()),
        Format::Json => json::report(file.name(), &read),
        Format::Github => github::report(&file.in_workspace(), &read),
        Format::Sarif => sarif::report(&file.in_workspace(), &read),
    };
    arguments.output.write(&text)?;
    Ok(if read.has_something_to_mend() { Outcome::Findings } else { Outcome::Clean })
}

/// The name of a check.
fn check_name(code: Code) -> &'static str {
    checks().find(|check| check.code == code).map_or("", |check| check.name)
}

/// Everything that a finding says apart from other places, a line each.
fn details(finding: &Finding) -> String {
    let mut lines = vec![finding.message.clone()];
    if !finding.label.is_empty() {
        lines.push(finding.label.clone());
    }
    lines.extend(finding.notes.iter().filter(|(place, _)| place.is_none()).map(|(_, note)| format!("note: {note}")));
    lines.extend(finding.help.iter().map(|help| format!("help: {help}")));
    lines.join("\n")
}
