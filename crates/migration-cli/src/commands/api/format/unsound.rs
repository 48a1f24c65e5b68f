//! What is written in place of a judgement where the table itself has errors: the findings of `check`, in the format
//! that the reader asked for, so that a program that reads the report learns that nothing was compared.

use std::fmt::Write as _;

use anyhow::Result;
use migration_contract::compare::Level;
use migration_table::{Finding, Severity, Style};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::{Format, document, junit};
use crate::commands::check;
use crate::report::{github, sarif};
use crate::table_file::{Read, TableFile};

/// A table with errors.
pub(in crate::commands::api) struct Unsound<'r> {
    /// Its file.
    pub(in crate::commands::api) file: &'r TableFile,
    /// What was read from it.
    pub(in crate::commands::api) read: &'r Read,
    /// From this level on, a difference would be a failure.
    pub(in crate::commands::api) fail_on: Level,
}

/// Returns the findings of the table in this format.
pub(super) fn report(unsound: &Unsound<'_>, format: Format, style: Style) -> Result<String> {
    let Unsound { file, read, .. } = *unsound;
    match format {
        Format::Text => Ok(file.render(read, style)),
        Format::Json => document::of_unsound(unsound),
        Format::Github => Ok(github::report(&check::items::of(&file.in_repository(), read))),
        Format::Sarif => Ok(sarif::report(&[check::items::run(file, read)])),
        Format::Junit => junit::text(vec![suite(unsound)]),
        Format::Markdown => Ok(markdown(unsound)),
    }
}

/// Returns where a finding is and what it is, in one line.
fn line(file: &TableFile, finding: &Finding) -> String {
    let place = finding.span;
    format!("{}:{}:{}: {}", file.name(), place.line, place.column, finding.message)
}

fn suite(unsound: &Unsound<'_>) -> TestSuite {
    let Unsound { file, read, .. } = *unsound;
    let mut suite = TestSuite::new("the table");
    for finding in read.findings.iter().filter(|finding| finding.severity == Severity::Error) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type(finding.code.0).set_message(finding.message.clone());
        status.set_description(check::items::message(finding));
        suite.add_test_case(TestCase::new(format!("{}: {}", finding.code, line(file, finding)), status));
    }
    suite
}

fn markdown(unsound: &Unsound<'_>) -> String {
    let Unsound { file, read, .. } = *unsound;
    let name = file.name();
    let mut text = format!("## Public API of `{name}`: the table has errors\n\nNothing was compared.\n\n");
    for finding in &read.findings {
        let _ = writeln!(text, "- {}[{}]: {}", finding.severity.name(), finding.code, line(file, finding));
    }
    text
}
