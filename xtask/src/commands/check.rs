//! `check`: says what is wrong with the table.

use anyhow::Result;
use clap::{Args, ValueEnum};
use migration_table::model::Table;
use migration_table::{Finding, Findings, Span};
use serde_json::{Value, json};

use crate::outcome::Outcome;
use crate::output::Output;
use crate::table_file::TableFile;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    output: Output,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs: one object with all findings
    Json,
}

/// Checks the table and prints what is to be said about it.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let read = file.read()?;
    let text = match arguments.format {
        Format::Json => json_report(file.name(), &read.findings),
        Format::Text => {
            let mut text = file.render(&read, arguments.output.style());
            text.push_str(&summary(file.name(), read.table.as_ref(), &read.findings));
            text
        }
    };
    arguments.output.write(&text)?;
    Ok(if read.has_something_to_mend() { Outcome::Findings } else { Outcome::Clean })
}

/// The last line: how large the table is and how many findings there are.
pub(crate) fn summary(name: &str, table: Option<&Table>, findings: &Findings) -> String {
    let size = table.map_or(String::new(), |table| {
        let states = table.machines.iter().map(|machine| machine.states.len()).sum();
        let rows = table.machines.iter().map(|machine| machine.rows.len()).sum();
        let (machines, states) = (count(table.machines.len(), "machine"), count(states, "state"));
        format!("{machines}, {states}, {}: ", count(rows, "transition"))
    });
    match findings.len() {
        0 => format!("{name}: {size}no findings\n"),
        many => format!("{name}: {size}{}\n", count(many, "finding")),
    }
}

fn count(many: usize, noun: &str) -> String {
    format!("{many} {noun}{}", if many == 1 { "" } else { "s" })
}

fn json_report(file: &str, findings: &Findings) -> String {
    let findings: Vec<Value> = findings.iter().map(json_finding).collect();
    let report = json!({ "format": 1, "file": file, "findings": findings });
    format!("{report:#}\n")
}

fn json_finding(finding: &Finding) -> Value {
    let note = |(span, text): &(Option<Span>, String)| json!({ "text": text, "place": span.map(json_place) });
    json!({
        "code": finding.code.0,
        "severity": finding.severity.name(),
        "message": finding.message,
        "place": json_place(finding.span),
        "label": finding.label,
        "notes": finding.notes.iter().map(note).collect::<Vec<_>>(),
        "help": finding.help,
    })
}

fn json_place(span: Span) -> Value {
    json!({ "line": span.line, "column": span.column, "start_byte": span.start, "end_byte": span.end })
}
