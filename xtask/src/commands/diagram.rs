//! `diagram`: draws the machines, one to standard output or a file, or all of them to a directory.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use migration_table::draw;
use migration_table::model::{Machine, Table};

use crate::outcome::Outcome;
use crate::output::{to_stdout, write_file};
use crate::table_file::TableFile;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The machine to draw [default: all, to the directory that `-o` names]
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,

    /// How it is written [default: as the name of the file says, or else dot]
    #[arg(long, value_enum)]
    format: Option<Format>,

    /// A file for one machine; a directory for all of them, or where it exists or ends in `/`
    #[arg(short = 'o', long = "output", value_name = "FILE|DIR")]
    output: Option<PathBuf>,
}

/// A language for pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Graphviz
    Dot,
    /// Mermaid, a stateDiagram-v2
    Mermaid,
}

impl Format {
    /// The end of the name of a file that holds such a picture.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Format::Dot => "dot",
            Format::Mermaid => "mmd",
        }
    }

    /// Draws one machine.
    pub(crate) fn draw(self, table: &Table, machine: &Machine) -> String {
        match self {
            Format::Dot => draw::dot(table, machine),
            Format::Mermaid => draw::mermaid(table, machine),
        }
    }

    fn of_file(path: &Path) -> Option<Format> {
        match path.extension()?.to_str()? {
            "dot" | "gv" => Some(Format::Dot),
            "mmd" | "mermaid" => Some(Format::Mermaid),
            _ => None,
        }
    }
}

/// Draws what the arguments ask for, and says on standard error what it shows.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let Some(table) = file.read_resolved()? else { return Ok(Outcome::Findings) };
    let machines = chosen(&table, arguments.machine.as_deref())?;
    let output = arguments.output.as_deref();
    let format = arguments.format.or_else(|| output.and_then(Format::of_file)).unwrap_or(Format::Dot);
    for machine in &machines {
        let text = format.draw(&table, machine);
        match (output, machines.len()) {
            (Some(path), many) if many > 1 || arguments.machine.is_none() || is_directory(path) => {
                let path = path.join(format!("{}.{}", machine.name, format.extension()));
                write_file(&path, &text)?;
                eprintln!("{}: {}", path.display(), draw::caption(&table, machine));
            }
            (Some(path), _) => {
                write_file(path, &text)?;
                eprintln!("{}: {}", path.display(), draw::caption(&table, machine));
            }
            (None, 1) => {
                to_stdout(&text)?;
                eprintln!("{}", draw::caption(&table, machine));
            }
            (None, many) => bail!(
                "the table has {many} machines: name one with `--machine` ({}), or a directory for all with `-o`",
                names(&table)
            ),
        }
    }
    Ok(Outcome::Clean)
}

fn chosen<'t>(table: &'t Table, name: Option<&str>) -> Result<Vec<&'t Machine>> {
    match name {
        None => Ok(table.machines.iter().collect()),
        Some(name) => match table.machine(name) {
            Some(machine) => Ok(vec![machine]),
            None => bail!("the table has no machine `{name}` (it has {})", names(table)),
        },
    }
}

fn names(table: &Table) -> String {
    let names: Vec<String> = table.machines.iter().map(|machine| format!("`{}`", machine.name)).collect();
    names.join(", ")
}

fn is_directory(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().to_string_lossy().ends_with('/')
}
