//! `manual`: the hand-written pages, and a reference that is made from the table, as one site of plain HTML.
//!
//! The site needs no script and no network: a directory can be opened as it is. Files of the workspace that a page
//! links to are copied beside it, so that every link leads somewhere. What is told comes from `migration-table` and
//! from `docs/`; nothing is decided here but how it is put together.

mod code;
mod format;
mod html;
mod names;
mod reference;
mod site;
mod text;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use crate::outcome::Outcome;
use crate::output::write_file;
use crate::table_file::TableFile;
use crate::workspace;

use site::{Section, Source};

#[derive(Args, Debug)]
pub struct Arguments {
    /// The directory of the site [default: target/manual of this workspace; what `cargo doc` writes comes beside it]
    #[arg(short = 'o', long = "output", value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Pages that are read in an order of their own; others follow by name.
const READ_FIRST: [&str; 4] = ["tour", "meaning", "findings", "public-api"];

/// Writes the site. What is there already and no part of it stays.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let read = file.read()?;
    let Some(table) = file.sound(&read) else { return Ok(Outcome::Findings) };
    let root = workspace::root();
    let output = arguments.output.clone().unwrap_or_else(|| root.join("target").join("manual"));
    let mut pages = written(&root, "docs/manual", Section::Guide)?;
    pages.extend(reference::pages(&table, &file.in_repository(), &read.text)?);
    pages.extend(written(&root, "docs", Section::More)?);
    pages.insert(0, reference::index(&table, &pages));
    for (name, text) in site::build(&root, &table.name, &pages)? {
        write_file(&output.join(name), &text)?;
    }
    match &arguments.output {
        Some(elsewhere) => code::note_if_missing(elsewhere),
        None => code::write()?,
    }
    println!("{}", output.join("index.html").display());
    Ok(Outcome::Clean)
}

/// The Markdown files of a directory of the workspace.
fn written(root: &Path, directory: &str, section: Section) -> Result<Vec<Source>> {
    let whole = root.join(directory);
    let mut names = Vec::new();
    for entry in fs::read_dir(&whole).with_context(|| format!("cannot read `{}`", whole.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            names.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
        }
    }
    let place = |name: &str| READ_FIRST.iter().position(|first| *first == name).unwrap_or(READ_FIRST.len());
    names.sort_by_key(|name| (place(name), name.clone()));
    let source = |name: &String| -> Result<Source> {
        let path = Path::new(directory).join(format!("{name}.md"));
        let markdown =
            fs::read_to_string(root.join(&path)).with_context(|| format!("cannot read `{}`", path.display()))?;
        Ok(Source { name: name.clone(), section, path: Some(path), markdown })
    };
    names.iter().map(source).collect()
}
