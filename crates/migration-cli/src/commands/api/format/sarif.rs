//! Findings as SARIF 2.1.0, for code hosts and editors. A finding that is approved is in it, as suppressed.

use migration_contract::compare::{Level, rules};
use migration_contract::frozen::{Disorder, HYGIENE, JudgedChange};
use migration_table::Span;
use serde_json::{Value, json};

use super::{Report, evidence, listed};
use crate::commands::check::sarif::{SCHEMA, artifact, physical};
use crate::repository::path_in;

/// The log of one run.
pub(super) fn report(report: &Report<'_>) -> String {
    let findings = report.judgement.findings.iter().map(|finding| of_finding(finding, report));
    let results: Vec<Value> =
        findings.chain(report.judgement.disorder.iter().map(|disorder| of_disorder(disorder, report))).collect();
    let driver = json!({ "name": "migration-api", "version": env!("CARGO_PKG_VERSION"), "rules": descriptors() });
    let run = json!({
        "tool": { "driver": driver },
        "columnKind": "unicodeCodePoints",
        "invocations": [{ "executionSuccessful": true }],
        "results": results,
    });
    format!("{:#}\n", json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] }))
}

/// Every rule, whether or not it fires, in the order of [`ids`].
fn descriptors() -> Vec<Value> {
    let descriptor = |id: &str, title: &str, why: &str, help: &str| {
        json!({
            "id": id,
            "shortDescription": { "text": title },
            "fullDescription": { "text": why },
            "help": { "text": format!("{why}\n{help}") },
        })
    };
    let seen = rules().map(|rule| descriptor(rule.id, rule.title, rule.why, rule.keep_compatible));
    seen.chain(HYGIENE.iter().map(|rule| descriptor(rule.id, rule.title, rule.why, rule.mend))).collect()
}

/// The rules about what clients see, then those for the files of the frozen side.
fn ids() -> impl Iterator<Item = &'static str> {
    rules().map(|rule| rule.id).chain(HYGIENE.iter().map(|rule| rule.id))
}

fn of_finding(finding: &JudgedChange, report: &Report<'_>) -> Value {
    let change = &finding.change;
    let level = if change.level >= report.fail_on {
        "error"
    } else if change.level >= Level::Warn {
        "warning"
    } else {
        "note"
    };
    let mut lines = vec![change.message.clone(), format!("differs from {}", finding.against.join(", "))];
    for (name, words) in
        [("evidence", evidence(change)), ("when", change.condition.clone()), ("breaks", listed(&change.breaks))]
    {
        if !words.is_empty() {
            lines.push(format!("{name}: {words}"));
        }
    }
    let mut result = json!({
        "ruleId": change.rule,
        "level": level,
        "message": { "text": lines.join("\n") },
        "partialFingerprints": { "finding/v1": change.key().to_string() },
    });
    if let Some(location) = location(report, change.place) {
        result["locations"] = json!([location]);
    }
    if let (Some(approval), true) = (&finding.approval, finding.open.is_empty()) {
        let why = format!("{} ({})", approval.reason, approval.link);
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": why }]);
    }
    indexed(result, change.rule)
}

/// The place in the table, or the table as a whole.
fn location(report: &Report<'_>, place: Option<Span>) -> Option<Value> {
    let table = report.new.table.as_ref()?;
    let file = path_in(&table.path);
    Some(match place {
        Some(span) => json!({ "physicalLocation": physical(&file, span, &table.text) }),
        None => json!({ "physicalLocation": { "artifactLocation": artifact(&file) } }),
    })
}

fn of_disorder(disorder: &Disorder, report: &Report<'_>) -> Value {
    let result = json!({
        "ruleId": disorder.rule,
        "level": "error",
        "message": { "text": format!("{}\nmend with: {}", disorder.message, report.mend(&disorder.mend)) },
        "locations": [{ "physicalLocation": { "artifactLocation": artifact(&disorder.file) } }],
    });
    indexed(result, disorder.rule)
}

/// With the index of its rule.
fn indexed(mut result: Value, id: &str) -> Value {
    if let Some(index) = ids().position(|known| known == id) {
        result["ruleIndex"] = json!(index);
    }
    result
}
