//! The report for people: what is wrong with the files, the findings with their evidence, the verdicts, and a summary.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use migration_contract::compare::{Source, render_one};
use migration_contract::frozen::{Baseline, JudgedChange};
use migration_table::Style;

use super::report::{Report, classes, judged, not_approved, verdict_words};
use crate::repository::path_in;

/// The most findings that are printed in full. Who has more mends these first.
const PRINTED_MAX: usize = 50;

pub(super) fn report(report: &Report<'_>, style: Style) -> String {
    let Report { judgement, fail_on, .. } = *report;
    let mut text = String::new();
    for disorder in &judgement.disorder {
        let _ = writeln!(
            text,
            "error[{}]: {}\n  mend with: {}\n",
            disorder.rule,
            disorder.message,
            report.mend(&disorder.mend)
        );
    }
    // What must be mended comes last, where a terminal shows it.
    let (failing, others): (Vec<&JudgedChange>, Vec<&JudgedChange>) =
        judgement.findings.iter().partition(|finding| finding.fails(fail_on));
    let left_off = judgement.findings.len().saturating_sub(PRINTED_MAX);
    let room = PRINTED_MAX.saturating_sub(failing.len());
    for finding in others.into_iter().take(room).chain(failing.into_iter().take(PRINTED_MAX)) {
        text.push_str(&of_finding(finding, report, style));
        text.push('\n');
    }
    if left_off > 0 {
        let _ = writeln!(text, "... and {left_off} more findings: `--format json` lists them all\n");
    }
    let classes = classes(judgement, &judged(judgement.baselines.iter().filter(|it| names_clients(it))));
    for (name, words) in &classes {
        let _ = writeln!(text, "client {name:<2} {words}");
    }
    text.push_str(if classes.is_empty() { "" } else { "\n" });
    judgement.baselines.iter().for_each(|baseline| text.push_str(&verdicts(baseline)));
    text.push_str(&summary(report));
    text
}

fn of_finding(finding: &JudgedChange, report: &Report<'_>, style: Style) -> String {
    let file = report.new.table.as_ref().map(|table| path_in(&table.path));
    let source = report.new.table.as_ref().zip(file.as_ref());
    let source = source.map(|(table, file)| Source { file, text: &table.text });
    let mut text = render_one(&finding.change, &finding.against.join(", "), source, style, report.invocation);
    if let Some(key) = &finding.follows {
        let _ = writeln!(text, "  follows '{key}', whose step is in brackets");
    }
    if let Some(approval) = &finding.approval {
        let open = not_approved(finding);
        let _ = writeln!(text, "  approved until {}{open}: {} ({})", approval.until, approval.reason, approval.link);
    }
    text
}

/// The verdicts of one comparison: by machine and verdict, who sees it.
fn answers(baseline: &Baseline) -> BTreeMap<&str, BTreeMap<String, Vec<&str>>> {
    let mut machines: BTreeMap<&str, BTreeMap<String, Vec<&str>>> = BTreeMap::new();
    for verdict in &baseline.verdicts {
        let words = verdict_words(verdict);
        machines.entry(&verdict.machine).or_default().entry(words).or_default().push(&verdict.observer);
    }
    machines
}

/// Whether the verdicts name the clients: where all see the same, they do not.
fn names_clients(baseline: &Baseline) -> bool {
    answers(baseline).values().any(|answers| answers.len() > 1)
}

/// Returns the verdicts of one comparison: for each machine, who sees what.
fn verdicts(baseline: &Baseline) -> String {
    let mut text = String::new();
    for (machine, answers) in answers(baseline) {
        let one = answers.len() == 1;
        let answer = |(words, observers): (&String, &Vec<&str>)| match one {
            true => words.clone(),
            false => format!("{words} for {}", observers.join(", ")),
        };
        let answers: Vec<String> = answers.iter().map(answer).collect();
        let _ = writeln!(text, "against {}: {machine}: {}", baseline.name, answers.join("; "));
    }
    text
}

/// Returns the last line: how much there is to mend.
fn summary(report: &Report<'_>) -> String {
    let Report { new, judgement, fail_on, .. } = *report;
    let failing = judgement.findings.iter().filter(|finding| finding.fails(fail_on)).count() + judgement.disorder.len();
    let is_approved = |finding: &&JudgedChange| finding.approval.is_some() && finding.open.is_empty();
    let approved = judgement.findings.iter().filter(is_approved).count();
    let others = judgement.findings.len().saturating_sub(approved + failing.saturating_sub(judgement.disorder.len()));
    let name = &new.name;
    let baselines = match judgement.baselines.len() {
        0 if judgement.is_unreleased => "nothing was released".to_owned(),
        0 => "no release that is supported can be compared with".to_owned(),
        1 => "compared with 1 side".to_owned(),
        many => format!("compared with {many} sides"),
    };
    match (failing, approved, others) {
        (0, 0, 0) => format!("{name}: {baselines}: no findings\n"),
        (failing, approved, others) => {
            format!("{name}: {baselines}: {failing} to mend, {approved} approved, {others} to know of\n")
        }
    }
}
