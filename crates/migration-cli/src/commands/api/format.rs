//! A judgement in the format that the reader asks for.

mod document;
mod items;
mod junit;
mod markdown;
mod report;
mod text;
mod unsound;

use anyhow::Result;
use clap::ValueEnum;
use migration_table::Style;

use crate::commands::check;
use crate::report::{github, sarif};

pub(super) use document::schema;
pub(super) use markdown::{legend, of_finding, verdicts};
pub(super) use report::Report;
pub(super) use unsound::Unsound;

/// Who reads the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs: one object, whose schema `api schema` prints
    Json,
    /// For GitHub Actions: annotations of the lines of a pull request
    Github,
    /// For code hosts and editors: SARIF 2.1.0
    Sarif,
    /// For build servers: a test case for each machine and kind of client
    Junit,
    /// For a comment on a change, or the notes of a release
    Markdown,
}

impl Format {
    /// Returns a report in this format.
    pub(super) fn write(self, report: &Report<'_>, style: Style) -> Result<String> {
        match self {
            Format::Text => Ok(text::report(report, style)),
            Format::Json => document::report(report),
            Format::Github => Ok(github::report(&items::of(report))),
            Format::Sarif => Ok(sarif::report(&[items::run(report)])),
            Format::Junit => junit::report(report),
            Format::Markdown => Ok(markdown::report(report)),
        }
    }

    /// Returns the findings of a table with errors, which cannot be judged, in this format.
    pub(super) fn write_unsound(self, unsound: &Unsound<'_>, style: Style) -> Result<String> {
        let Unsound { file, read, .. } = *unsound;
        match self {
            Format::Text => Ok(file.render(read, style)),
            Format::Json => document::of_unsound(unsound),
            Format::Github => Ok(github::report(&check::items::of(&file.in_repository(), read))),
            Format::Sarif => Ok(sarif::report(&[check::items::run(file, read)])),
            Format::Junit => junit::text(vec![unsound::suite(unsound)]),
            Format::Markdown => Ok(unsound::markdown(unsound)),
        }
    }
}
