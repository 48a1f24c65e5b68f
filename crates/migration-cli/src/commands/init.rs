//! `init`: writes a first table, its frozen side, and what a code host needs to guard both.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use migration_table::Invocation;

use super::api;
use crate::input;
use crate::outcome::Outcome;
use crate::output::{say, tell, write_file};
use crate::repository;
use crate::table_file::NAME;
use crate::tables::Tables;

/// A small table that has no findings.
const TABLE: &str = include_str!("init/states.yaml");

const WORKFLOW: &str = include_str!("init/workflow.yml");

/// Locks and releases are compared as text; with this, no checkout changes how their lines end.
const ATTRIBUTE: &str = "*.lock text eol=lf";

/// The lock of the first table, from its directory.
const LOCK: &str = "api/current.lock";

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  migration-table init\n  migration-table init machines")]
pub struct Arguments {
    /// The directory of the table
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
}

/// Writes the files. If the table or its lock is there already, writes none of them.
pub(crate) fn run(tables: &Tables, arguments: &Arguments) -> Result<Outcome> {
    let directory = &arguments.directory;
    let place = |name: &str| if directory == Path::new(".") { PathBuf::from(name) } else { directory.join(name) };
    let (table, lock) = (place(NAME), place(LOCK));
    let root = repository::root_of(&table);
    let (workflow, attributes) = match &root {
        // Code hosts read these at the root only.
        Some(root) => (root.join(".github/workflows/states.yml"), root.join(".gitattributes")),
        None => (place(".github/workflows/states.yml"), place(".gitattributes")),
    };
    let taken = [&table, &lock].into_iter().find(|path| path.exists());
    if let Some(taken) = taken {
        let elsewhere = tables.invocation().command(&["init", "DIR"]);
        bail!("`{}` is there already: nothing was written; `{elsewhere}` begins in another directory", taken.display());
    }
    let file = tables.at(&table);
    // The table is kept, so its commands are those of everybody who has the repository, as in the workflow.
    let kept = in_workflow(&table, root.as_deref());
    write(&table, &kept.fill(TABLE))?;
    if api::bless(&file)? != Outcome::Clean {
        return Ok(Outcome::CouldNotRun);
    }
    let steps = filled(&kept);
    match input::read_to_string(&workflow) {
        // Another table of this repository was begun before, or a person wrote it.
        Ok(known) => {
            let is_missing = |line: &&str| line.contains("- run: migration-table") && !known.contains(*line);
            let missing: String = steps.lines().filter(is_missing).map(|line| format!("\n{line}")).collect();
            if !missing.is_empty() {
                let name = workflow.display();
                say(format_args!("note: `{name}` is there already and stays as it is; this table needs:{missing}"));
            }
        }
        Err(_) => write(&workflow, &steps)?,
    }
    if attributes.exists() {
        let known = input::read_to_string(&attributes).unwrap_or_default();
        if !known.lines().any(|line| line == ATTRIBUTE) {
            let end = if known.is_empty() || known.ends_with('\n') { "" } else { "\n" };
            write(&attributes, &format!("{known}{end}{ATTRIBUTE}\n"))?;
        }
    } else {
        write(&attributes, &format!("{ATTRIBUTE}\n"))?;
    }
    let command = |arguments: &[&str]| file.invocation().command(arguments);
    tell(format_args!(
        "next:\n  {}\n  {}\n  {}    with the first release",
        command(&["check"]),
        command(&["diagram", "--format", "svg", "-o", "states.svg"]),
        command(&["api", "freeze", "0.1"]),
    ))?;
    Ok(Outcome::Clean)
}

fn write(path: &Path, text: &str) -> Result<()> {
    write_file(path, text)?;
    say(format_args!("wrote {}", path.display()));
    Ok(())
}

/// Returns how a file that is kept says that the program is started: as in the workflow, at the root of the repository.
fn in_workflow(table: &Path, root: Option<&Path>) -> Invocation {
    let from_root = root.map_or(NAME.to_owned(), |_| repository::path_in(table));
    if from_root == NAME { Invocation::default() } else { Invocation::default().with_table(&from_root) }
}

fn filled(invocation: &Invocation) -> String {
    WORKFLOW
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@VERIFY@", &invocation.command(&["verify", "--releases"]))
        .replace("@API-CHECK@", &invocation.command(&["api", "check", "--format", "github"]))
        .replace("@CHECK@", &invocation.command(&["check", "--format", "github"]))
}
