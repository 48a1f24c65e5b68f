//! Findings for programs, as one JSON object for a table, and as a list of such objects for several. Its shape is part of the command line: members may be added, what is
//! there keeps its name, type and meaning; a change that breaks this gives `format` the next number.
//!
//! | member | type | meaning |
//! | --- | --- | --- |
//! | `format` | number | 1 |
//! | `file` | string | the table, as the user named it |
//! | `findings` | array | in the order of the text, then of the codes |
//! | `left_off` | number | how many more there are than `findings` lists; 0 unless there are thousands |
//!
//! | member of a finding | type | meaning |
//! | --- | --- | --- |
//! | `code`, `name` | string | the check: `T0201`, `undeclared-name` |
//! | `severity` | string | `error`, `warning` or `note` |
//! | `message` | string | what is wrong, in one line |
//! | `place` | place | the text that is meant |
//! | `label` | string | why this text; may be empty |
//! | `notes` | array of `{ text, place }` | other places, and remarks, whose place is null |
//! | `help` | string or null | what to do |
//!
//! A place has `line`, `column`, `end_line`, `end_column` (from 1, columns in characters, the end after the last one)
//! and `start_byte`, `end_byte` (from 0).

use migration_table::{Finding, Span};
use serde_json::{Value, json};

use super::items::check_name;
use crate::report::Region;
use crate::table_file::Read;

/// The report on several tables of these names, as one document.
pub(super) fn reports(tables: &[(&str, &Read)]) -> String {
    let reports = tables.iter().map(|(file, read)| value(file, read));
    format!("{:#}\n", Value::Array(reports.collect()))
}

/// The report on the table of that name.
pub(crate) fn report(file: &str, read: &Read) -> String {
    format!("{:#}\n", value(file, read))
}

fn value(file: &str, read: &Read) -> Value {
    let findings: Vec<Value> = read.findings.iter().map(|finding| json_finding(finding, &read.text)).collect();
    let left_off = read.findings.len() - findings.len();
    json!({ "format": 1, "file": file, "findings": findings, "left_off": left_off })
}

fn json_finding(finding: &Finding, text: &str) -> Value {
    let note = |(span, note): &(Option<Span>, String)| json!({ "text": note, "place": span.map(|at| place(at, text)) });
    json!({
        "code": finding.code.0,
        "name": check_name(finding.code),
        "severity": finding.severity.name(),
        "message": finding.message,
        "place": place(finding.span, text),
        "label": finding.label,
        "notes": finding.notes.iter().map(note).collect::<Vec<_>>(),
        "help": finding.help,
    })
}

fn place(span: Span, text: &str) -> Value {
    let region = Region::of(span, text);
    json!({
        "line": region.line,
        "column": region.column,
        "end_line": region.end_line,
        "end_column": region.end_column,
        "start_byte": span.start,
        "end_byte": span.end,
    })
}
