//! Findings as workflow commands of GitHub Actions, which shows them beside the lines of a pull request.

use migration_contract::compare::Level;
use migration_contract::frozen::{Disorder, JudgedChange};

use super::{Report, evidence, listed};
use crate::commands::check::github::{data, property};
use crate::repository::path_in;

/// A command for each finding that is open, and for each file that is not in order.
pub(super) fn report(report: &Report<'_>) -> String {
    let findings = report.judgement.findings.iter().filter(|finding| !finding.open.is_empty());
    let findings = findings.map(|finding| of_finding(finding, report));
    findings.chain(report.judgement.disorder.iter().map(|disorder| of_disorder(disorder, report))).collect()
}

fn of_finding(finding: &JudgedChange, report: &Report<'_>) -> String {
    let change = &finding.change;
    let level = if finding.fails(report.fail_on) {
        "error"
    } else if change.level >= Level::Warn {
        "warning"
    } else {
        "notice"
    };
    let mut place = String::new();
    if let (Some(table), Some(span)) = (&report.new.table, change.place) {
        let file = property(&path_in(&table.path));
        place = format!("file={file},line={},col={},", span.line, span.column);
    }
    let mut lines = vec![change.message.clone(), format!("differs from {}", finding.open.join(", "))];
    if !change.evidence.is_empty() {
        lines.push(format!("evidence: {}", evidence(change)));
    }
    lines.push(format!("when: {}", change.condition));
    if !change.breaks.is_empty() {
        lines.push(format!("breaks: {}", listed(&change.breaks)));
    }
    format!("::{level} {place}title={}::{}\n", property(change.rule), data(&lines.join("\n")))
}

fn of_disorder(disorder: &Disorder, report: &Report<'_>) -> String {
    let Disorder { rule, file, message, mend } = disorder;
    let text = data(&format!("{message}\nmend with: {}", report.mend(mend)));
    format!("::error file={},title={}::{text}\n", property(file), property(rule))
}
