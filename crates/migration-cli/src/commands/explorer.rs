//! `explorer`: one HTML file in which a reader walks over the machines, plays recordings and looks at differences.
//!
//! The page needs nothing but itself: no network, no server, no build step. Rust writes what is known as JSON and SVG:
//! the table, what each state does about which facts, pictures, what recordings show, differences. The scripts beside
//! this file decide nothing about a machine: they pick the first row, or answer, whose case holds.

mod api;
mod difference;
mod evidence;
mod live;
mod page;
mod picture;
mod recordings;
mod subject;
mod table_json;

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::thread;

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use crate::commands::recording::Assumed;
use crate::outcome::Outcome;
use crate::output::{Output, say};
use crate::table_file::TableFile;

pub(in crate::commands) use live::{LivePage, PAUSE};
use picture::Pictures;
use subject::Subject;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n\
\x20 migration-table explorer -o explorer.html\n\
\x20 migration-table explorer --against v0.1 -o explorer.html    what has changed since a commit\n\
\x20 migration-table explorer session.jsonl -o explorer.html     a recording, played")]
pub struct Arguments {
    /// The table before, a file or a git revision: the page shows what has changed since, and what clients notice
    #[arg(long, value_name = "OLD")]
    against: Option<String>,

    /// What the page plays: recordings that `replay` reads, `-` for standard input, and reports of `verify`
    #[arg(value_name = "LOG")]
    logs: Vec<PathBuf>,

    #[command(flatten)]
    assumed: Assumed,

    #[command(flatten)]
    output: Output,
}

/// Writes the page. A table with findings has one too, as long as walking over it ends.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let Some(new) = Subject::new(file)? else { return Ok(Outcome::Findings) };
    let mut pictures = Pictures::default();
    let recordings =
        recordings::followed(&new.table, (&new.named.name, file.invocation()), &arguments.logs, &arguments.assumed)?;
    let mut data = json!({
        "table": table_json::table(&new.table, &new.named.name)?,
        "checks": new.checks()?,
        "recordings": recordings,
        "command": file.invocation().command(&["explorer", "LOG", "-o", "explorer.html"]),
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
    say(format_args!(
        "comparing `{}` with `{}` in the eyes of clients, and drawing both",
        new.named.name, old.named.name
    ));
    let mut api = thread::scope(|scope| {
        let comparison = scope.spawn(|| api::compared(new, old));
        pictures.add_whole(&new.table);
        pictures.add_changes(&new.table, &old.table);
        comparison.join().unwrap_or_else(|panic| resume_unwind(panic))
    })?;
    if let Some(why) = api["given_up"].as_str() {
        say(format_args!("note: {why}"));
    }
    evidence::add_walks(&mut api, &new.table, &old.table)?;
    let mut found = difference::between(&old.table, &new.table);
    found["old"] = json!(old.named.name);
    found["api"] = api;
    found["checks"] = old.checks()?;
    Ok(found)
}
