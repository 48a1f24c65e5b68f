//! How views of a machine are written: as text that fits the terminal, as Markdown, or as reStructuredText.

use anyhow::{Result, anyhow, bail};
use clap::{Args, ValueEnum};
use migration_draw::glance::{self, Page};
use migration_table::bdd::TooLarge;
use migration_table::model::{Machine, Table};

use crate::output::Output;

/// The options that every view has.
#[derive(Args, Clone, Debug)]
pub(crate) struct View {
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// The width of text, in characters [default: of the terminal; elsewhere as wide as it takes]
    #[arg(long, value_name = "CHARACTERS", value_parser = clap::value_parser!(u16).range(20..))]
    width: Option<u16>,

    #[command(flatten)]
    output: Output,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// For a document, as code hosts read it
    Markdown,
    /// For a document, as Sphinx reads it: reStructuredText
    Rst,
}

impl View {
    /// Writes pages below each other.
    pub(crate) fn write(&self, pages: &[Page]) -> Result<()> {
        match self.format {
            Format::Markdown | Format::Rst if self.width.is_some() => bail!("`--width` is for `--format text`"),
            Format::Text | Format::Markdown | Format::Rst => {}
        }
        let width = self.width.map(usize::from).or_else(|| self.output.width());
        let page = |page: &Page| match self.format {
            Format::Text => page.text(width),
            Format::Markdown => page.markdown(),
            Format::Rst => page.rst(),
        };
        let pages: Vec<String> = pages.iter().map(page).collect();
        self.output.write(&pages.join("\n"))
    }
}

/// What was computed about a machine; says which one, and where it is declared, if there are too many cases.
pub(crate) fn decided<T>(machine: &Machine, result: Result<T, TooLarge>) -> Result<T> {
    result.map_err(|TooLarge| {
        anyhow!(
            "what can happen to machine `{}` (line {} of the table) has too many cases to decide: fewer triggers that \
             can be pending together make fewer cases",
            machine.name,
            machine.span.line
        )
    })
}

/// The machine of that name, or all of them.
pub(crate) fn machines<'t>(table: &'t Table, name: Option<&str>) -> Result<Vec<&'t Machine>> {
    let machines = glance::machines(table, name);
    match name {
        Some(name) if machines.is_empty() => {
            let names: Vec<String> = table.machines.iter().map(|machine| format!("`{}`", machine.name)).collect();
            bail!("the table has no machine `{name}` (it has {})", names.join(", "))
        }
        Some(_) | None => Ok(machines),
    }
}
