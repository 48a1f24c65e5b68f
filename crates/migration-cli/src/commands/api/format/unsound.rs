//! What is written in place of a judgement where the table itself has errors: the findings of `check`, in the format
//! that the reader asked for, so that a program that reads the report learns that nothing was compared.

use std::fmt::Write as _;

use migration_contract::compare::Level;
use migration_table::{Finding, Severity};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use crate::commands::check;
use crate::table_file::{Read, TableFile};

/// A table with errors.
pub(in crate::commands::api) struct Unsound<'r> {
    pub(in crate::commands::api) file: &'r TableFile,
    /// What was read from it.
    pub(in crate::commands::api) read: &'r Read,
    /// From this level on, a difference would be a failure.
    pub(in crate::commands::api) fail_on: Level,
}

/// Returns where a finding is and what it is, in one line.
fn line(file: &TableFile, finding: &Finding) -> String {
    let place = finding.span;
    format!("{}:{}:{}: {}", file.name(), place.line, place.column, finding.message)
}

/// Returns the errors of the table as a test suite.
pub(super) fn suite(unsound: &Unsound<'_>) -> TestSuite {
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

/// Returns the findings of the table as Markdown.
pub(super) fn markdown(unsound: &Unsound<'_>) -> String {
    let Unsound { file, read, .. } = *unsound;
    let name = file.name();
    let mut text = format!("## Public API of `{name}`: the table has errors\n\nNothing was compared.\n\n");
    for finding in &read.findings {
        let _ = writeln!(text, "- {}[{}]: {}", finding.severity.name(), finding.code, line(file, finding));
    }
    text
}
