//! `docs`: writes everything in the repository that is generated from the table, or checks that it is current.

mod generated;
mod pictures;
mod properties;
mod readme;
mod rst;
mod walks;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use migration_table::declare::schema;

use crate::workspace;
use generated::Generated;
use migration_cli::api::side;
use migration_cli::commands::{api, manual};
use migration_cli::outcome::Outcome;
use migration_cli::output::{say, tell, write_file};
use migration_cli::table_file::TableFile;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Writes nothing; says which files are not current
    #[arg(long)]
    check: bool,

    /// The directory of README.md and docs/ [default: the root of this workspace]
    #[arg(short = 'o', long = "output", value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Directories in which files with these endings are made from the table: pictures, tables, and walks.
const MADE: [(&str, &[&str]); 3] =
    [("docs", &["dot", "mmd", "rst", "svg"]), (walks::ROWS, &["walk"]), (walks::PAIRS, &["walk"])];

/// Writes or checks the generated files.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let root = arguments.output.clone().unwrap_or_else(workspace::root);
    if arguments.check { check(file, &root) } else { write_to(file, &root) }
}

/// Writes the generated files of the workspace.
pub(crate) fn write(file: &TableFile) -> Result<Outcome> {
    write_to(file, &workspace::root())
}

fn write_to(file: &TableFile, root: &Path) -> Result<Outcome> {
    let Some(generated) = generate(file, root)? else { return Ok(Outcome::Findings) };
    for wanted in &generated {
        let path = root.join(&wanted.path);
        if fs::read_to_string(&path).is_ok_and(|found| found == wanted.text) {
            continue;
        }
        write_file(&path, &wanted.text)?;
        say(format_args!("wrote {}", wanted.path.display()));
    }
    let left_over = left_over(root, &generated)?;
    left_over.iter().for_each(|path| say(format_args!("{}", made_by_nothing(path))));
    Ok(if left_over.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

/// What is said of a file that is left over. It may be somebody's own, so nobody but a person removes it.
fn made_by_nothing(path: &Path) -> String {
    let path = path.display();
    format!("{path}: made by nothing; `git rm {path}`, or put it into another folder if it was written by hand")
}

/// Files of the kinds that are made, and that nothing makes: those of a machine that has another name now.
fn left_over(root: &Path, generated: &[Generated]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for (folder, endings) in MADE {
        let directory = root.join(folder);
        if !directory.exists() {
            continue;
        }
        for entry in fs::read_dir(&directory).with_context(|| format!("cannot read `{}`", directory.display()))? {
            let path = Path::new(folder).join(entry?.file_name());
            let is_made = path.extension().is_some_and(|ending| endings.iter().any(|made| ending == *made));
            if is_made && generated.iter().all(|wanted| wanted.path != path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn check(file: &TableFile, root: &Path) -> Result<Outcome> {
    let Some(generated) = generate(file, root)? else { return Ok(Outcome::Findings) };
    let mut outcome = Outcome::Clean;
    for wanted in &generated {
        let state = match fs::read_to_string(root.join(&wanted.path)) {
            Ok(found) if found == wanted.text => continue,
            Ok(_) => "not current",
            Err(_) => "missing",
        };
        tell(format_args!("{}: {state}", wanted.path.display()))?;
        outcome = Outcome::Findings;
    }
    if outcome == Outcome::Findings {
        tell(format_args!("run `cargo xtask docs` to write them anew"))?;
    }
    for path in left_over(root, &generated)? {
        tell(format_args!("{}", made_by_nothing(&path)))?;
        outcome = Outcome::Findings;
    }
    if outcome == Outcome::Clean {
        tell(format_args!("{} generated files: all current", generated.len()))?;
    }
    Ok(outcome)
}

fn generate(file: &TableFile, root: &Path) -> Result<Option<Vec<Generated>>> {
    let read = file.read()?;
    let Some(table) = file.sound(&read) else { return Ok(None) };
    let mut generated = pictures::all(&table);
    generated.extend(rst::all(&table)?);
    generated.extend(walks::all(file, &table)?);
    generated.push(Generated { path: Path::new("docs").join("states.schema.json"), text: schema() });
    let text = manual::checks()?;
    generated.push(Generated { path: Path::new("docs").join("checks.md"), text });
    let text = manual::api_rules()?;
    generated.push(Generated { path: Path::new("docs").join("api-rules.md"), text });
    // The tables of releases are those of this workspace, wherever the page goes.
    let text = properties::page(&workspace::root())?;
    generated.push(Generated { path: Path::new("docs").join("qemu-properties.md"), text });
    let side = side::of_model(file.name(), file.path(), read.text.clone(), &table)?;
    let text = api::log_page(file, side)?;
    generated.push(Generated { path: Path::new("docs").join("api-history.md"), text });
    generated.push(Generated { path: Path::new("docs").join("api-report.schema.json"), text: api::report_schema()? });
    let readme = root.join("README.md");
    let text = fs::read_to_string(&readme).with_context(|| format!("cannot read `{}`", readme.display()))?;
    let text = readme::fill(&text, &read.text, &table)?;
    generated.push(Generated { path: PathBuf::from("README.md"), text });
    Ok(Some(generated))
}
