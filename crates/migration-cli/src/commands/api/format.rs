//! What was found, in the words of whoever reads it.

mod document;
mod github;
mod junit;
mod markdown;
mod sarif;
mod text;

use anyhow::Result;
use clap::ValueEnum;
use migration_contract::compare::{Change, Level, Step};
use migration_contract::public::{Label, Reply};
use migration_table::Style;

use crate::api::judge::Judgement;

pub(super) use document::schema;
pub(super) use markdown::{of_finding, verdicts};

/// Who reads it.
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
    /// The report in this format. From `fail_on` on, what nobody has approved is a failure.
    pub(super) fn report(self, judgement: &Judgement, fail_on: Level, style: Style) -> Result<String> {
        match self {
            Format::Text => Ok(text::report(judgement, fail_on, style)),
            Format::Json => document::report(judgement, fail_on),
            Format::Github => Ok(github::report(judgement, fail_on)),
            Format::Sarif => Ok(sarif::report(judgement, fail_on)),
            Format::Junit => junit::report(judgement, fail_on),
            Format::Markdown => Ok(markdown::report(judgement, fail_on)),
        }
    }
}

/// An observation as evidence writes it: `setup`, `?migrate`, `?migrate_cancel refused (GenericError)`.
fn step_words(step: &Step) -> String {
    let words = match &step.label {
        None => "nothing more".to_owned(),
        Some(Label::Event(status)) => status.clone(),
        Some(Label::Reply(command, Reply::Success)) => format!("?{command}"),
        Some(Label::Reply(command, Reply::Error(class))) => format!("?{command} refused ({class})"),
    };
    if step.assumed { format!("({words})") } else { words }
}

/// The evidence of a change, in one line.
fn evidence(change: &Change) -> String {
    change.evidence.iter().map(step_words).collect::<Vec<_>>().join(", ")
}

fn listed<'s>(names: impl IntoIterator<Item = &'s String>) -> String {
    names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The command that approves a change.
fn accept(change: &Change) -> String {
    format!("cargo xtask api bless --approve '{}' --reason '...' --link '...' --until VERSION", change.key())
}
