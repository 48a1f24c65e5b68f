//! The report as JUnit XML for build servers: a suite for each old side, with a test case for each machine and kind of
//! client, and a suite for the files of the frozen side.

use anyhow::Result;
use migration_contract::compare::{Verdict, evidence_words};
use migration_contract::frozen::{Baseline, JudgedChange};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::report::{Report, verdict_words};

/// The report on a judgement. No times are given, so that the same table gives the same bytes.
pub(super) fn report(report: &Report<'_>) -> Result<String> {
    let judgement = report.judgement;
    let mut suites: Vec<TestSuite> = judgement.baselines.iter().map(|baseline| suite(baseline, report)).collect();
    let mut files = TestSuite::new("files of the frozen side");
    if judgement.disorder.is_empty() {
        files.add_test_case(TestCase::new("in order", TestCaseStatus::success()));
    }
    for disorder in &judgement.disorder {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type(disorder.rule).set_message(disorder.message.clone());
        status.set_description(format!("{}\nmend with: {}", disorder.message, report.mend(&disorder.mend)));
        files.add_test_case(TestCase::new(format!("{}: {}", disorder.file, disorder.rule), status));
    }
    suites.push(files);
    text(suites)
}

/// Returns suites as a report.
pub(super) fn text(suites: Vec<TestSuite>) -> Result<String> {
    let mut junit = quick_junit::Report::new("migration-api");
    junit.add_test_suites(suites);
    // The schema by which Jenkins judges a report has no such member on the outermost element, and nothing is skipped.
    Ok(junit.to_string()?.replacen(" skipped=\"0\"", "", 1))
}

fn suite(baseline: &Baseline, report: &Report<'_>) -> TestSuite {
    let mut suite = TestSuite::new(format!("against {}", baseline.name));
    let failing = |finding: &&JudgedChange| finding.fails(report.fail_on) && finding.open.contains(&baseline.name);
    let open: Vec<&JudgedChange> = report.judgement.findings.iter().filter(failing).collect();
    for verdict in &baseline.verdicts {
        suite.add_test_case(case(verdict, &open));
    }
    // What no observer is said to suffer from, such as a name that may not be used again, has a case of its own.
    for finding in open.iter().filter(|finding| finding.change.seen_by.is_empty() && finding.change.breaks.is_empty()) {
        suite.add_test_case(TestCase::new(finding.change.key().to_string(), failure(&[finding])));
    }
    suite
}

fn case(verdict: &Verdict, open: &[&JudgedChange]) -> TestCase {
    let concerns = |finding: &&&JudgedChange| {
        let change = &finding.change;
        let is_here = change.machine.as_ref().is_none_or(|machine| *machine == verdict.machine);
        // What breaks some clients is no failure of those that only see it.
        let whom = if change.breaks.is_empty() { &change.seen_by } else { &change.breaks };
        is_here && whom.contains(&verdict.observer)
    };
    let own: Vec<&JudgedChange> = open.iter().filter(concerns).copied().collect();
    let status = if own.is_empty() { TestCaseStatus::success() } else { failure(&own) };
    let mut case = TestCase::new(format!("{} as {}", verdict.machine, verdict.observer), status);
    case.set_classname(verdict.machine.clone());
    case.set_system_out(format!("verdict: {}", verdict_words(verdict)));
    case
}

fn failure(findings: &[&JudgedChange]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    if let Some(first) = findings.first() {
        status.set_type(first.change.rule).set_message(first.change.message.clone());
    }
    let line = |finding: &&JudgedChange| {
        let change = &finding.change;
        format!("{}\n  when {}\n  evidence: {}", change.message, change.condition, evidence_words(change))
    };
    status.set_description(findings.iter().map(line).collect::<Vec<_>>().join("\n"));
    status
}
