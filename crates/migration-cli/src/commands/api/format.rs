//! A judgement in the format that the reader asks for.

mod document;
mod items;
mod junit;
mod markdown;
mod text;

use anyhow::Result;
use clap::ValueEnum;
use migration_contract::compare::{Change, Level, Step};
use migration_contract::frozen::{Judgement, Mend};
use migration_contract::public::{Label, Reply};
use migration_table::{Invocation, Style};

use crate::api::side::Side;
use crate::report::{github, sarif};

pub(super) use document::schema;
pub(super) use markdown::{of_finding, verdicts};

/// What is written.
pub(super) struct Report<'r> {
    /// The side that was judged.
    pub(super) new: &'r Side,
    /// The judgement.
    pub(super) judgement: &'r Judgement,
    /// From this level on, a difference that nobody has approved is a failure.
    pub(super) fail_on: Level,
    /// How the reader runs this program.
    pub(super) invocation: &'r Invocation,
}

/// Who reads the report.
#[derive(Clone, Copy, Debug, ValueEnum)]
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
}

impl Report<'_> {
    /// Returns what mends a file, as one line.
    fn mend(&self, mend: &Mend) -> String {
        match mend {
            Mend::Run(arguments) => self.invocation.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>()),
            Mend::Do(text) => text.clone(),
        }
    }
}

/// Returns an observation as evidence shows it: `setup`, `?migrate`, `?migrate_cancel refused (GenericError)`.
fn step_words(step: &Step) -> String {
    let words = match &step.label {
        None => "nothing more".to_owned(),
        Some(Label::Event(status)) => status.clone(),
        Some(Label::Reply(command, Reply::Success)) => format!("?{command}"),
        Some(Label::Reply(command, Reply::Error(class))) => format!("?{command} refused ({class})"),
    };
    if step.assumed { format!("({words})") } else { words }
}

/// Returns the evidence of a change, in one line.
fn evidence(change: &Change) -> String {
    change.evidence.iter().map(step_words).collect::<Vec<_>>().join(", ")
}

fn listed<'s>(names: impl IntoIterator<Item = &'s String>) -> String {
    names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Returns the command that approves a change.
fn accept(change: &Change, invocation: &Invocation) -> String {
    let key = change.key().to_string();
    invocation.command(&["api", "bless", "--approve", &key, "--reason", "...", "--link", "...", "--until", "VERSION"])
}
