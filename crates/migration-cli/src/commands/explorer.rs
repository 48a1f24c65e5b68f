//! `explorer`: one HTML file in which a reader walks over the machines, plays recordings and looks at differences.
//!
//! The page needs nothing but itself: no network, no server, no build step. Rust writes what is known (the table, what
//! follows from it, pictures, differences) as JSON and SVG; the scripts beside this file do the rest.

mod api;
mod difference;
mod page;
mod picture;
mod subject;
mod table_json;

use std::fs;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::thread;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};

use crate::commands::check;
use crate::outcome::Outcome;
use crate::output::Output;
use crate::table_file::TableFile;

use picture::Pictures;
use subject::Subject;

/// Recordings that every page has, by their names.
const EXAMPLES: [(&str, &str); 6] = [
    ("precopy-tcp-success", include_str!("../../../../tests/data/traces/precopy-tcp-success.jsonl")),
    ("cancel-in-active", include_str!("../../../../tests/data/traces/cancel-in-active.jsonl")),
    (
        "pause-before-switchover-continue",
        include_str!("../../../../tests/data/traces/pause-before-switchover-continue.jsonl"),
    ),
    ("destination-killed-precopy", include_str!("../../../../tests/data/traces/destination-killed-precopy.jsonl")),
    (
        "connection-refused-then-success",
        include_str!("../../../../tests/data/traces/connection-refused-then-success.jsonl"),
    ),
    ("postcopy-pause-recover", include_str!("../../../../tests/data/traces/postcopy-pause-recover.jsonl")),
];

#[derive(Args, Debug)]
pub struct Arguments {
    /// The table before, a file or a git revision: the page shows what has changed since, and what clients notice of it
    #[arg(long, value_name = "OLD")]
    against: Option<String>,

    /// A recording to embed beside the examples; may be given more than once
    #[arg(long, value_name = "LOG")]
    recording: Vec<PathBuf>,

    #[command(flatten)]
    output: Output,
}

/// Writes the page. A table with findings has one too, as long as walking over it ends.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let Some(new) = Subject::new(file)? else { return Ok(Outcome::Findings) };
    let mut pictures = Pictures::default();
    let mut data = json!({
        "table": table_json::table(&new.table, &new.named.name)?,
        "checks": checks(&new)?,
        "recordings": recordings(&arguments.recording)?,
    });
    match &arguments.against {
        None => pictures.add_whole(&new.table),
        Some(word) => {
            let Some(old) = Subject::older(word, file)? else { return Ok(Outcome::Findings) };
            data["difference"] = compared(&new, &old, &mut pictures)?;
        }
    }
    data["pictures"] = Value::Object(pictures.known);
    arguments.output.write(&page::assemble(&new.table.name, &data, &pictures.templates))?;
    Ok(Outcome::Clean)
}

/// What has changed, what clients notice of it, and what the checks said before. Draws the pictures meanwhile.
fn compared(new: &Subject, old: &Subject, pictures: &mut Pictures) -> Result<Value> {
    eprintln!("comparing `{}` with `{}` in the eyes of clients, and drawing both", new.named.name, old.named.name);
    let api = thread::scope(|scope| {
        let comparison = scope.spawn(|| api::compared(new, old));
        pictures.add_whole(&new.table);
        pictures.add_changes(&new.table, &old.table);
        comparison.join().unwrap_or_else(|panic| resume_unwind(panic))
    })?;
    if let Some(why) = api["given_up"].as_str() {
        eprintln!("note: {why}");
    }
    let mut found = difference::between(&old.table, &new.table);
    found["old"] = json!(old.named.name);
    found["api"] = api;
    found["checks"] = checks(old)?;
    Ok(found)
}

/// What `check` says of a table.
fn checks(subject: &Subject) -> Result<Value> {
    let report = check::json_report(&subject.named.name, &subject.named.read);
    serde_json::from_str(&report).context("the report of `check` is no JSON")
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
