//! `diagram`: draws the machines, or a part of them, or what has changed in them.
//!
//! What is looked at is a view, how it is written a format; both are the library's. Here is only who asks for what,
//! where it goes, and what is said when a picture would be too large to be read.

mod changes;
mod chart;
mod format;
mod graphviz;
mod look;
mod target;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use migration_draw::svg::{Options, Theme, svg};
use migration_draw::{self as draw, Figure};
use migration_table::model::{Machine, Table};

use super::recording::Assumed;
use super::trace;
use crate::outcome::Outcome;
use crate::output::say;
use crate::table_file::TableFile;
use crate::tables::Tables;

use format::Format;
use look::{Look, Picture};
use target::Target;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n\
    \x20 migration-table diagram --format svg -o states.svg\n\
    \x20 migration-table diagram overview --format mermaid\n\
    \x20 migration-table diagram phase phase-1\n\
    \x20 migration-table diagram diff HEAD --format svg -o changes.svg")]
pub struct Arguments {
    /// What is looked at [default: full, or where that is too large to be read, overview and the phases]
    #[arg(value_enum, value_name = "VIEW")]
    view: Option<Look>,

    /// A name or a file: `phase NAME`, `state NAME`, `trigger NAME`, `trace WALK|LOG|REPORT`, `diff OLD [NEW]`,
    /// `coverage WALK|LOG...`
    #[arg(value_name = "ARG")]
    subjects: Vec<String>,

    /// The machine to draw [default: all of them, side by side]
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,

    /// How it is written [default: as the name of the file says, or else dot]
    #[arg(long, value_name = "FORMAT", value_parser = Format::parser())]
    format: Option<Format>,

    /// Colours of an SVG
    #[arg(long, value_enum, default_value_t = Colours::Auto)]
    theme: Colours,

    /// Writes an SVG as a part of a page, in a `div`, instead of a file of its own
    #[arg(long)]
    inline: bool,

    /// Where the table can be read: an address with `{line}` in it, to which states and arrows of an SVG link
    #[arg(long, value_name = "TEMPLATE")]
    source_url: Option<String>,

    /// Lets Graphviz lay out an SVG (`dot` must be installed)
    #[arg(long)]
    graphviz: bool,

    /// A file; or a directory, where the name has no ending: then each machine has a file there
    #[arg(short = 'o', long = "output", value_name = "FILE|DIR")]
    output: Option<PathBuf>,

    /// Writes nothing; says whether the file that `-o` names is current
    #[arg(long, requires = "output")]
    check: bool,

    /// For `trace` of a report and for `diff`: which finding, by its number or by the beginning of its key
    #[arg(long, value_name = "FINDING")]
    finding: Option<String>,

    #[command(flatten, next_help_heading = "For `trace` of a recording")]
    assumed: Assumed,
}

/// The colours of an SVG.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colours {
    /// As the page or the reader wants them
    Auto,
    /// Dark on light
    Light,
    /// Light on dark
    Dark,
}

/// Returns the table that is drawn: where the user names none, walks may, and `diff` of two files needs no other.
pub(crate) fn table(tables: &Tables, arguments: &Arguments) -> Result<TableFile> {
    let subjects: Vec<&Path> = arguments.subjects.iter().map(Path::new).collect();
    match (arguments.view, subjects.as_slice()) {
        (Some(Look::Trace | Look::Coverage), walks) => tables.file_of_walks(walks),
        (Some(Look::Diff), [_, new]) => tables.file_or_else(Some(new)),
        (Some(Look::Diff | Look::Overview | Look::Full | Look::Phase | Look::State | Look::Trigger) | None, _) => {
            tables.file()
        }
    }
}

/// Draws what the arguments ask for, and says on standard error what it shows.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    draw(file, arguments).map_err(|error| file.filled(&error))
}

fn draw(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let look = look::Request {
        look: arguments.view,
        subjects: &arguments.subjects,
        reading: trace::Reading { assumed: &arguments.assumed, finding: arguments.finding.as_deref() },
    };
    let Some(tables) = look.tables(file)? else { return Ok(Outcome::Findings) };
    let run = look.run(&tables, file.name())?;
    run.iter().flat_map(|run| &run.different).for_each(|different| say(format_args!("{different}")));
    let machines = chosen(&tables.new, arguments.machine.as_deref())?;
    let machines = match arguments.view {
        Some(Look::Coverage) => machines,
        Some(Look::Overview | Look::Full | Look::Phase | Look::State | Look::Trigger | Look::Trace | Look::Diff)
        | None => run.iter().fold(machines, |machines, run| run.gone(machines)),
    };
    let target = Target::new(arguments.output.as_deref(), arguments.check);
    let format = Format::of(arguments.format, target.file())?;
    refuse_options_of_svg(format, arguments)?;
    if format == Format::Scxml {
        return chart::write(&tables.new, &machines, arguments.view, target);
    }
    let groups: Vec<Vec<&Machine>> = match target.is_directory() {
        true => machines.iter().map(|machine| vec![*machine]).collect(),
        false => vec![machines],
    };
    let mut pictures: Vec<Picture> = Vec::new();
    for machines in &groups {
        pictures.extend(look.pictures(&tables, machines, run.as_ref())?);
    }
    if !target.is_directory() && pictures.len() > 1 {
        let phases = pictures.len() - 1;
        let hint = format!(
            "the whole is too large to be read: `migration-table diagram phase phase-1` to `phase-{phases}` show its parts, \
             `-o DIR/` writes all, `migration-table diagram full` draws it anyway"
        );
        say(format_args!("{}", file.invocation().fill(&hint)));
        pictures.truncate(1);
    }
    let mut outcome = run.map_or(Outcome::Clean, |run| run.outcome);
    for picture in &pictures {
        let text = write(format, &picture.figure, arguments)?;
        if target.deliver(&picture.name, format.extension(), &text, &picture.figure)? == Outcome::Findings {
            outcome = Outcome::Findings;
        }
    }
    Ok(outcome)
}

/// Refuses options of SVG for a picture in another format.
fn refuse_options_of_svg(format: Format, arguments: &Arguments) -> Result<()> {
    let given = [
        ("--graphviz", arguments.graphviz),
        ("--inline", arguments.inline),
        ("--theme", arguments.theme != Colours::Auto),
        ("--source-url", arguments.source_url.is_some()),
    ];
    let first = given.iter().find(|(_, is_given)| *is_given).map(|(option, _)| *option);
    match (format, first) {
        (Format::Svg, Some("--graphviz")) => match given[1..].iter().find(|(_, is_given)| *is_given) {
            Some((option, _)) => bail!("`{option}` is for our own layout: leave out `--graphviz`"),
            None => Ok(()),
        },
        (Format::Svg, _) | (_, None) => Ok(()),
        (Format::Text(_) | Format::Scxml | Format::Markdown | Format::Rst, Some(option)) => {
            bail!("`{option}` is for `--format svg`")
        }
    }
}

/// Refuses a picture that our own layout would not finish in a reasonable time.
fn refuse_too_large(format: Format, figure: &Figure) -> Result<()> {
    let is_laid_out = match format {
        Format::Svg | Format::Text(draw::Format::Ascii) => true,
        Format::Text(draw::Format::Dot | draw::Format::Mermaid | draw::Format::PlantUml)
        | Format::Scxml
        | Format::Markdown
        | Format::Rst => false,
    };
    let many = figure.panels.iter().map(|panel| panel.nodes.len()).max().unwrap_or(0);
    if is_laid_out && many > draw::STATES_MAX {
        bail!(
            "the picture would have {many} states, and at most {} are laid out: draw a part with `migration-table \
             diagram phase NAME` or `migration-table diagram state NAME`, or write `--format dot` for Graphviz",
            draw::STATES_MAX
        );
    }
    Ok(())
}

/// Refuses an address of the table that leads to no line.
fn source_url(arguments: &Arguments) -> Result<Option<String>> {
    match &arguments.source_url {
        Some(url) if !url.contains("{line}") => bail!("`--source-url {url}` lacks `{{line}}`, the place of the line"),
        url => Ok(url.clone()),
    }
}

fn write(format: Format, figure: &Figure, arguments: &Arguments) -> Result<String> {
    let theme = match arguments.theme {
        Colours::Auto => Theme::Auto,
        Colours::Light => Theme::Light,
        Colours::Dark => Theme::Dark,
    };
    if arguments.graphviz {
        return graphviz::svg(&draw::render(figure, draw::Format::Dot));
    }
    refuse_too_large(format, figure)?;
    let options = Options { theme, inline: arguments.inline, source_url: source_url(arguments)? };
    Ok(match format {
        Format::Svg => svg(figure, &options),
        Format::Text(format) => draw::render(figure, format),
        Format::Markdown => draw::equivalent(figure).markdown(),
        Format::Rst => draw::equivalent(figure).rst(),
        Format::Scxml => bail!("a chart is written from a machine, not from a picture"),
    })
}

fn chosen<'t>(table: &'t Table, name: Option<&str>) -> Result<Vec<&'t Machine>> {
    match name {
        None => Ok(table.machines.iter().collect()),
        Some(name) => match table.machine(name) {
            Some(machine) => Ok(vec![machine]),
            None => {
                let names: Vec<String> = table.machines.iter().map(|machine| format!("`{}`", machine.name)).collect();
                bail!("the table has no machine `{name}` (it has {})", names.join(", "))
            }
        },
    }
}
