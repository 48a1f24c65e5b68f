//! `manual`: the guide and a reference of the table, as the source folder of an mdBook.
//!
//! mdBook makes a site of it, with a search, themes and a page for printing; a code host shows the chapters as they
//! are. Everything in it is true for the table that it is about: the reference is made from that table, the history is
//! the one beside it, and the guide speaks of no table but the ones that it writes.

mod api_rules;
mod book;
mod checks;
mod format;
mod guide;
mod names;
mod reference;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use migration_draw as draw;
use migration_table::model::Table;

use crate::api::files::Files;
use crate::api::side;
use crate::commands::api;
use crate::outcome::Outcome;
use crate::output::{tell, write_result};
use crate::table_file::{Read, TableFile};

pub use api_rules::page as api_rules;
pub use checks::page as checks;

use book::{Chapter, Part};

/// The arguments of `manual`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n\
\x20 migration-table manual -o book && mdbook build book --open")]
pub struct Arguments {
    /// The folder of the book
    #[arg(short = 'o', long = "output", value_name = "DIR", default_value = "manual")]
    output: PathBuf,
}

/// Writes the book. Files that are there already and are no part of it stay.
///
/// # Errors
///
/// Returns why the table cannot be read or the book cannot be written.
pub fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let read = file.read()?;
    let Some(table) = file.sound(&read) else { return Ok(Outcome::Findings) };
    let states = table.machines.iter().map(|machine| machine.states.len()).max().unwrap_or(0);
    if states > draw::STATES_MAX {
        bail!("a machine has {states} states, and the book has pictures of at most {} each", draw::STATES_MAX);
    }
    let files = book::files(&table.name, &parts(file, &read, &table)?);
    let book = &arguments.output;
    for (name, text) in &files {
        write_result(&book.join(name), text)?;
    }
    let shown = book.display();
    tell(format_args!("{shown}: {} files; `mdbook build {shown}` makes a site of them", files.len()))?;
    Ok(Outcome::Clean)
}

/// The chapters, in the order in which they are read.
fn parts(file: &TableFile, read: &Read, table: &Table) -> Result<Vec<Part>> {
    // The path to the table is of no use to readers elsewhere.
    let name = file.path().file_name().map_or(Cow::Borrowed(file.name()), OsStr::to_string_lossy);
    let mut reference = reference::chapters(table, &name, &read.text)?;
    if Files::beside(file.path()).lock().exists() {
        let side = side::of_model(file.name(), file.path(), read.text.clone(), table)?;
        reference.push(Chapter::new("api-history", api::log_page(file, side)?));
    }
    let rules = vec![Chapter::new("checks", checks::page()?), Chapter::new("api-rules", api_rules::page()?)];
    Ok(vec![
        Part { title: "", chapters: vec![reference::overview(table)] },
        Part { title: "Guide", chapters: guide::chapters() },
        Part { title: "Reference of the table", chapters: reference },
        Part { title: "Checks and rules", chapters: rules },
    ])
}
