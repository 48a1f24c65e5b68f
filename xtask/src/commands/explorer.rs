//! `explorer`: one HTML file in which a reader walks over the machines, plays recordings and looks at differences.
//!
//! The page needs nothing but itself: no network, no server, no build step. Rust writes what is known (the table, what
//! follows from it, pictures, differences) as JSON and SVG; the scripts beside this file do the rest.

mod api;
mod difference;
mod page;
mod picture;
mod table_json;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use migration_table::model::Table;
use serde_json::{Value, json};

use crate::commands::step;
use crate::outcome::Outcome;
use crate::output::{Output, stderr_style};
use crate::table_file::TableFile;

use picture::Pictures;

/// Recordings that every page has, by their names.
const EXAMPLES: [(&str, &str); 6] = [
    ("precopy-tcp-success", include_str!("../../../tests/data/traces/precopy-tcp-success.jsonl")),
    ("cancel-in-active", include_str!("../../../tests/data/traces/cancel-in-active.jsonl")),
    (
        "pause-before-switchover-continue",
        include_str!("../../../tests/data/traces/pause-before-switchover-continue.jsonl"),
    ),
    ("destination-killed-precopy", include_str!("../../../tests/data/traces/destination-killed-precopy.jsonl")),
    (
        "connection-refused-then-success",
        include_str!("../../../tests/data/traces/connection-refused-then-success.jsonl"),
    ),
    ("postcopy-pause-recover", include_str!("../../../tests/data/traces/postcopy-pause-recover.jsonl")),
];

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// An older table: the page shows what has changed since
    #[arg(long, value_name = "OLD_TABLE")]
    against: Option<PathBuf>,

    /// Compares what clients can notice too, which takes long for large machines
    #[arg(long, requires = "against")]
    api: bool,

    /// More findings, a JSON array of objects, shown with the differences
    #[arg(long, value_name = "FILE", requires = "against")]
    findings: Option<PathBuf>,

    /// A recording to embed beside the examples; may be given more than once
    #[arg(long, value_name = "LOG")]
    recording: Vec<PathBuf>,

    #[command(flatten)]
    output: Output,
}

/// Writes the page. A table with findings has one too, as long as walking over it ends.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let Some(table) = walkable(file)? else { return Ok(Outcome::Findings) };
    let mut pictures = Pictures::default();
    pictures.add_whole(&table);
    let mut data = json!({
        "table": table_json::table(&table, &file.in_workspace())?,
        "recordings": recordings(&arguments.recording)?,
    });
    if let Some(path) = &arguments.against {
        let old_file = TableFile::new(Some(path.clone()));
        let Some(old) = old_file.read_resolved()? else { return Ok(Outcome::Findings) };
        pictures.add_changes(&table, &old);
        data["difference"] = difference::between(&old, &table);
        data["difference"]["old"] = json!(old_file.in_workspace());
        if arguments.api {
            data["difference"]["api"] = api::compared(&table, &old);
        }
        if let Some(path) = &arguments.findings {
            data["difference"]["findings"] = findings(path)?;
        }
    }
    data["pictures"] = Value::Object(pictures.known);
    arguments.output.write(&page::assemble(&table.name, &data, &pictures.templates))?;
    Ok(Outcome::Clean)
}

/// The table, if it makes sense and no walk over it goes round for ever; otherwise says why not on standard error.
fn walkable(file: &TableFile) -> Result<Option<Table>> {
    let read = file.read()?;
    if read.table.is_none() || step::may_never_end(&read) {
        eprint!("{}", file.render(&read, stderr_style()));
        return Ok(None);
    }
    Ok(read.table)
}

/// The examples, and the recordings that the user names.
fn recordings(paths: &[PathBuf]) -> Result<Vec<Value>> {
    let recording = |name: &str, text: &str| json!({ "name": name, "text": text });
    let mut all: Vec<Value> = EXAMPLES.iter().map(|(name, text)| recording(name, text)).collect();
    for path in paths {
        let bytes = fs::read(path).with_context(|| format!("cannot read the recording `{}`", path.display()))?;
        all.push(recording(&path.display().to_string(), &String::from_utf8_lossy(&bytes)));
    }
    Ok(all)
}

fn findings(path: &Path) -> Result<Value> {
    let name = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read the findings `{name}`"))?;
    let value: Value = serde_json::from_str(&text).with_context(|| format!("`{name}` is no JSON"))?;
    Ok(value)
}
