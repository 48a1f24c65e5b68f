//! Findings as SARIF 2.1.0, the static analysis results interchange format of OASIS, for code hosts and editors.
//!
//! Every check is a rule of the tool, whether or not it fires, so that a viewer can tell what was looked for. Regions
//! count columns in characters (`unicodeCodePoints`) and give bytes as well.

use migration_contract::checks;
use migration_table::{Finding, Severity, Span};
use serde_json::{Value, json};

use super::{Region, details};
use crate::table_file::Read;

/// The schema that every log names.
pub(crate) const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Returns the log: a run for each table, whose path is from the root of the repository, or absolute.
pub(super) fn report<'r>(tables: impl Iterator<Item = (String, &'r Read)>) -> String {
    let runs: Vec<Value> = tables.map(|(file, read)| run(&file, read)).collect();
    format!("{:#}\n", json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": runs }))
}

fn run(file: &str, read: &Read) -> Value {
    let results: Vec<Value> = read.findings.iter().map(|finding| result(file, finding, &read.text)).collect();
    let mut invocation = json!({ "executionSuccessful": true });
    let left_off = read.findings.len() - results.len();
    if left_off > 0 {
        let text = format!("{left_off} more findings are not listed");
        invocation["toolExecutionNotifications"] = json!([{ "level": "warning", "message": { "text": text } }]);
    }
    let driver = json!({
        "name": "migration-table",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules(),
    });
    json!({
        "tool": { "driver": driver },
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": results,
    })
}

fn rules() -> Vec<Value> {
    let rule = |check: &migration_table::check::Check| {
        let explain = check.explain.trim();
        let first = explain.split_once(". ").map_or(explain, |(first, _)| first).trim_end_matches('.');
        json!({
            "id": check.code.0,
            "name": check.name,
            "shortDescription": { "text": format!("{first}.") },
            "fullDescription": { "text": explain },
            "help": { "text": explain },
        })
    };
    checks().map(rule).collect()
}

fn result(file: &str, finding: &Finding, text: &str) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut result = json!({
        "ruleId": finding.code.0,
        "level": level,
        "message": { "text": details(finding) },
        "locations": [{ "physicalLocation": physical(file, finding.span, text) }],
    });
    if let Some(index) = checks().position(|check| check.code == finding.code) {
        result["ruleIndex"] = json!(index);
    }
    let places = finding.notes.iter().filter_map(|(span, note)| span.map(|span| (span, note)));
    let related: Vec<Value> = places
        .enumerate()
        .map(|(id, (span, note))| {
            json!({ "id": id, "message": { "text": note }, "physicalLocation": physical(file, span, text) })
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    result
}

/// A stretch of a file.
pub(crate) fn physical(file: &str, span: Span, text: &str) -> Value {
    let region = Region::of(span, text);
    json!({
        "artifactLocation": artifact(file),
        "region": {
            "startLine": region.line,
            "startColumn": region.column,
            "endLine": region.end_line,
            "endColumn": region.end_column,
            "byteOffset": span.start,
            "byteLength": span.end - span.start,
        },
    })
}

/// A file, from the root of the repository where it is in there.
pub(crate) fn artifact(file: &str) -> Value {
    if file.starts_with('/') {
        json!({ "uri": format!("file://{}", uri(file)) })
    } else {
        json!({ "uri": uri(file), "uriBaseId": "%SRCROOT%" })
    }
}

/// A path as the path of a URI.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => uri.push(char::from(byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_uri_whatever_is_in_it() {
        assert_eq!(uri("tests/tables/qemu-10.0.yaml"), "tests/tables/qemu-10.0.yaml");
        assert_eq!(uri("a b/ä:%.yaml"), "a%20b/%C3%A4%3A%25.yaml");
        assert_eq!(artifact("/tmp/x y")["uri"], "file:///tmp/x%20y");
    }
}
