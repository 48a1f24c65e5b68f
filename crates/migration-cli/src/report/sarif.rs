//! Findings as SARIF 2.1.0, the static analysis results interchange format of OASIS, for code hosts and editors.
//!
//! Every rule of a tool is in its log, whether or not it fires, so that a viewer can tell what was looked for. Regions
//! count columns in characters (`unicodeCodePoints`) and give bytes as well.

use migration_table::Span;
use serde_json::{Value, json};

use super::{Item, Location, Region, level};

/// The schema that every log names.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) name: Option<&'static str>,
    pub(crate) title: String,
    pub(crate) why: &'static str,
    pub(crate) help: String,
}

pub(crate) struct Run<'t> {
    pub(crate) tool: &'static str,
    pub(crate) rules: Vec<Rule>,
    pub(crate) items: Vec<Item<'t>>,
    /// How many findings there are besides.
    pub(crate) left_off: usize,
}

/// Returns the log of these runs.
pub(crate) fn report(runs: &[Run<'_>]) -> String {
    let runs: Vec<Value> = runs.iter().map(run).collect();
    format!("{:#}\n", json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": runs }))
}

fn run(run: &Run<'_>) -> Value {
    let mut invocation = json!({ "executionSuccessful": true });
    if run.left_off > 0 {
        let text = format!("{} more findings are not listed", run.left_off);
        invocation["toolExecutionNotifications"] = json!([{ "level": "warning", "message": { "text": text } }]);
    }
    let rules: Vec<Value> = run.rules.iter().map(rule).collect();
    json!({
        "tool": { "driver": { "name": run.tool, "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": run.items.iter().map(|item| result(item, &run.rules)).collect::<Vec<Value>>(),
    })
}

fn rule(rule: &Rule) -> Value {
    let mut value = json!({
        "id": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": rule.why },
        "help": { "text": rule.help },
    });
    if let Some(name) = rule.name {
        value["name"] = json!(name);
    }
    value
}

fn result(item: &Item<'_>, rules: &[Rule]) -> Value {
    let mut result = json!({
        "ruleId": item.rule,
        "level": level(item.severity, "note"),
        "message": { "text": item.message },
    });
    if let Some(location) = &item.location {
        result["locations"] = json!([{ "physicalLocation": physical(location) }]);
    }
    if let Some(index) = rules.iter().position(|rule| rule.id == item.rule) {
        result["ruleIndex"] = json!(index);
    }
    if let (Some(Location { file, part: Some((text, _)) }), false) = (&item.location, item.related.is_empty()) {
        let related = item.related.iter().enumerate().map(|(id, (span, note))| {
            json!({ "id": id, "message": { "text": note }, "physicalLocation": region_of(file, *span, text) })
        });
        result["relatedLocations"] = related.collect();
    }
    if let Some(fingerprint) = &item.fingerprint {
        result["partialFingerprints"] = json!({ "finding/v1": fingerprint });
    }
    if let Some(why) = &item.accepted {
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": why }]);
    }
    result
}

fn physical(location: &Location<'_>) -> Value {
    match location.part {
        Some((text, span)) => region_of(&location.file, span, text),
        None => json!({ "artifactLocation": artifact(&location.file) }),
    }
}

/// Returns a part of a file.
fn region_of(file: &str, span: Span, text: &str) -> Value {
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

/// Returns a file, from the root of the repository where it is in there.
fn artifact(file: &str) -> Value {
    if file.starts_with('/') {
        json!({ "uri": format!("file://{}", uri(file)) })
    } else {
        json!({ "uri": uri(file), "uriBaseId": "%SRCROOT%" })
    }
}

/// Returns a path as the path of a URI.
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
