//! Findings of a table for the formats of other programs.

use migration_contract::checks;
use migration_table::check::Check;
use migration_table::{Code, Finding};

use crate::report::sarif::{Rule, Run};
use crate::report::{Item, Location};
use crate::table_file::{Read, TableFile};

/// Returns the SARIF run of the checks of a table. It lists every check, also those that did not fire.
pub(crate) fn run<'r>(file: &TableFile, read: &'r Read) -> Run<'r> {
    let items = of(&file.in_repository(), read);
    let left_off = read.findings.len() - items.len();
    Run { tool: "migration-table", rules: checks().map(rule).collect(), items, left_off }
}

/// Returns the findings of a table. `file` is its path from the root of the repository, or an absolute path.
pub(crate) fn of<'r>(file: &str, read: &'r Read) -> Vec<Item<'r>> {
    read.findings.iter().map(|finding| item(file, finding, &read.text)).collect()
}

/// Returns the name of a check.
pub(super) fn check_name(code: Code) -> &'static str {
    checks().find(|check| check.code == code).map_or("", |check| check.name)
}

fn item<'r>(file: &str, finding: &'r Finding, text: &'r str) -> Item<'r> {
    let related = finding.notes.iter().filter_map(|(span, note)| Some(((*span)?, note.as_str())));
    Item {
        severity: finding.severity,
        rule: finding.code.0,
        title: format!("{} {}", finding.code, check_name(finding.code)),
        message: message(finding),
        location: Some(Location { file: file.to_owned(), part: Some((text, finding.span)) }),
        related: related.collect(),
        fingerprint: None,
        accepted: None,
    }
}

/// Returns everything that a finding says apart from other places, a line each.
pub(crate) fn message(finding: &Finding) -> String {
    let mut lines = vec![finding.message.clone()];
    if !finding.label.is_empty() {
        lines.push(finding.label.clone());
    }
    lines.extend(finding.notes.iter().filter(|(place, _)| place.is_none()).map(|(_, note)| format!("note: {note}")));
    lines.extend(finding.help.iter().map(|help| format!("help: {help}")));
    lines.join("\n")
}

fn rule(check: &Check) -> Rule {
    let why = check.explain.trim();
    let first = why.split_once(". ").map_or(why, |(first, _)| first).trim_end_matches('.');
    let (title, help) = (format!("{first}."), why.to_owned());
    Rule { id: check.code.0, name: Some(check.name), title, why, help }
}
