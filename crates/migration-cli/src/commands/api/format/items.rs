//! A judgement for the formats of other programs.

use std::collections::BTreeSet;

use migration_contract::compare::{Change, Level, evidence_words, rules};
use migration_contract::frozen::{Disorder, HYGIENE, JudgedChange};
use migration_table::{Severity, Span};

use super::report::{Report, listed};
use crate::report::sarif::{Rule, Run};
use crate::report::{Item, Location};
use crate::repository::path_in;

/// Returns the SARIF run of a judgement. It lists every rule, also those that did not fire.
pub(super) fn run<'r>(report: &Report<'r>) -> Run<'r> {
    let rule = |id, title: &str, why, mend| Rule {
        id,
        name: None,
        title: title.to_owned(),
        why,
        help: format!("{why}\n{mend}"),
    };
    let seen = rules().map(|it| rule(it.id, it.title, it.why, it.keep_compatible));
    let rules = seen.chain(HYGIENE.iter().map(|it| rule(it.id, it.title, it.why, it.mend))).collect();
    Run { tool: "migration-api", rules, items: of(report), left_off: 0 }
}

/// Returns the differences, and what is wrong with the files.
pub(super) fn of<'r>(report: &Report<'r>) -> Vec<Item<'r>> {
    let findings = report.judgement.findings.iter().map(|finding| of_finding(finding, report));
    findings.chain(report.judgement.disorder.iter().map(|disorder| of_disorder(disorder, report))).collect()
}

fn of_finding<'r>(finding: &JudgedChange, report: &Report<'r>) -> Item<'r> {
    let change = &finding.change;
    let severity = match change.level {
        level if level >= report.fail_on => Severity::Error,
        Level::Break | Level::Warn => Severity::Warning,
        Level::Note => Severity::Note,
    };
    let accepted = finding.approval.as_ref().filter(|_| finding.open.is_empty());
    let location = report.new.table.as_ref().map(|table| Location {
        file: path_in(&table.path),
        part: Some((table.text.as_str(), change.place.unwrap_or_else(|| named_in(&table.text, &change.subject)))),
    });
    Item {
        severity,
        rule: change.rule,
        title: change.rule.to_owned(),
        message: message(change, if finding.open.is_empty() { &finding.against } else { &finding.open }),
        location,
        related: Vec::new(),
        fingerprint: Some(change.key().to_string()),
        accepted: accepted.map(|approval| format!("{} ({})", approval.reason, approval.link)),
    }
}

/// Returns the place in a table where most of what the subject of a finding names is declared, the first of several, or
/// else where the table begins: a finding that is about names alone has a line, too.
fn named_in(text: &str, subject: &str) -> Span {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let words: BTreeSet<&str> = subject.split(|c| !is_name(c)).filter(|word| !word.is_empty()).collect();
    let (mut start, mut best) =
        (0, (0, Span { start: 0, end: text.lines().next().map_or(0, str::len), line: 1, column: 1 }));
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let code = line.split(" #").next().unwrap_or(line);
        let here: BTreeSet<&str> = code.split(|c| !is_name(c)).collect();
        let named: Vec<&str> = words.intersection(&here).copied().collect();
        if named.len() > best.0 && !code.trim_start().starts_with('#') {
            let column = named.iter().filter_map(|word| Some((code.find(word)?, word.len()))).min();
            let (column, length) = column.unwrap_or_default();
            let (at, line) = (start + column, index + 1);
            let column = code[..column].chars().count() + 1;
            best = (named.len(), Span { start: at, end: at + length, line, column });
        }
        start += line.len();
    }
    best.1
}

fn message(change: &Change, against: &[String]) -> String {
    let mut lines = vec![change.message.clone(), format!("differs from {}", against.join(", "))];
    let details =
        [("evidence", evidence_words(change)), ("when", change.condition.clone()), ("breaks", listed(&change.breaks))];
    let details = details.into_iter().filter(|(_, words)| !words.is_empty());
    lines.extend(details.map(|(name, words)| format!("{name}: {words}")));
    lines.join("\n")
}

fn of_disorder<'r>(disorder: &Disorder, report: &Report<'r>) -> Item<'r> {
    Item {
        severity: Severity::Error,
        rule: disorder.rule,
        title: disorder.rule.to_owned(),
        message: format!("{}\nmend with: {}", disorder.message, report.mend(&disorder.mend)),
        location: Some(Location { file: disorder.file.clone(), part: None }),
        related: Vec::new(),
        fingerprint: None,
        accepted: None,
    }
}
