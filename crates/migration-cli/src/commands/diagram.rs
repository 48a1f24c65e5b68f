//! `diagram`: draws the machines, or a part of them, or what has changed in them.
//!
//! What is looked at is a view, how it is written a format; both are the library's. Here is only who asks for what,
//! where it goes, and what is said when a picture would be too large to be read.

mod changes;
mod chart;
pub(crate) mod graphviz;
mod look;
mod trace;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use migration_draw::svg::{Options, Theme, svg};
use migration_draw::{self as draw, Figure};
use migration_table::model::{Machine, Table};

use super::recording::Assumed;
use crate::outcome::Outcome;
use crate::output::{to_stdout, write_file};
use crate::table_file::TableFile;

pub(crate) use look::Look;

#[derive(Args, Debug)]
pub struct Arguments {
    /// What is looked at [default: full, or where that is too large to be read, overview and the phases]
    #[arg(value_enum, value_name = "VIEW")]
    view: Option<Look>,

    /// A name or a file: `phase NAME`, `state NAME`, `trigger NAME`, `trace WALK|LOG|REPORT`, `diff OLD [NEW]`
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

/// A language for pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// An image, laid out by this program.
    Svg,
    /// Text for another program, or for people.
    Text(draw::Format),
    /// A chart that programs run, of a whole machine.
    Scxml,
    /// The same in words: tables for a document.
    Markdown,
    /// The same in words, for Sphinx.
    Rst,
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

impl Format {
    /// Every format.
    fn all() -> impl Iterator<Item = Format> {
        let others = [Format::Svg, Format::Scxml, Format::Markdown, Format::Rst];
        draw::Format::ALL.into_iter().map(Format::Text).chain(others)
    }

    fn name(self) -> &'static str {
        match self {
            Format::Svg => "svg",
            Format::Text(format) => format.name(),
            Format::Scxml => "scxml",
            Format::Markdown => "markdown",
            Format::Rst => "rst",
        }
    }

    /// The end of the name of a file that holds such a picture.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Format::Svg => "svg",
            Format::Text(format) => format.extension(),
            Format::Scxml => "scxml",
            Format::Markdown => "md",
            Format::Rst => "rst",
        }
    }

    /// What the arguments name, or else the end of the name of the file, or else DOT.
    ///
    /// # Errors
    ///
    /// The file's name ends as no format does, so that a slip of the hand would give a file that no program opens.
    fn of(arguments: &Arguments, is_directory: bool) -> Result<Format> {
        let ending = arguments.output.as_deref().filter(|_| !is_directory).and_then(Path::extension);
        match (arguments.format, ending) {
            (Some(format), _) => Ok(format),
            (None, None) => Ok(Format::Text(draw::Format::Dot)),
            (None, Some(ending)) => {
                let ending = ending.to_string_lossy();
                Format::all().find(|format| [format.extension(), format.name()].contains(&&*ending)).with_context(
                    || {
                        let known: Vec<String> =
                            Format::all().map(|known| format!("`.{}`", known.extension())).collect();
                        format!(
                            "no format's files end in `.{ending}` (known are {}); `--format` names one",
                            known.join(", ")
                        )
                    },
                )
            }
        }
    }

    /// Reads the name of a format on the command line.
    fn parser() -> impl TypedValueParser<Value = Format> {
        PossibleValuesParser::new(Format::all().map(Format::name))
            .try_map(|name| Format::all().find(|format| format.name() == name).ok_or("no format has this name"))
    }
}

/// A picture, and the end of the name of its file where there are several.
struct Picture {
    name: String,
    figure: Figure,
}

/// Draws what the arguments ask for, and says on standard error what it shows.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let look = look::Request {
        look: arguments.view,
        subjects: &arguments.subjects,
        reading: trace::Reading { assumed: &arguments.assumed, finding: arguments.finding.as_deref() },
    };
    let Some(tables) = look.tables(file)? else { return Ok(Outcome::Findings) };
    let run = look.run(&tables, file.name())?;
    let machines = chosen(&tables.new, arguments.machine.as_deref())?;
    let machines = run.iter().fold(machines, |machines, run| run.gone(machines));
    let output = arguments.output.as_deref();
    let into_directory = output.is_some_and(is_directory);
    let format = Format::of(arguments, into_directory)?;
    if format == Format::Scxml {
        return chart::write(&tables.new, &machines, arguments, into_directory);
    }
    let groups: Vec<Vec<&Machine>> = match into_directory {
        true => machines.iter().map(|machine| vec![*machine]).collect(),
        false => vec![machines],
    };
    let mut pictures: Vec<Picture> = Vec::new();
    for machines in &groups {
        pictures.extend(look.pictures(&tables, machines, run.as_ref())?);
    }
    if !into_directory && pictures.len() > 1 {
        let phases = pictures.len() - 1;
        eprintln!(
            "the whole is too large to be read: `diagram phase phase-1` to `phase-{phases}` show its parts, `-o DIR/` writes all, `diagram full` draws it anyway"
        );
        pictures.truncate(1);
    }
    let mut outcome = run.map_or(Outcome::Clean, |run| run.outcome);
    for picture in &pictures {
        let text = write(format, &picture.figure, arguments)?;
        let path = output.map(|path| match into_directory {
            true => path.join(format!("{}.{}", picture.name, format.extension())),
            false => path.to_owned(),
        });
        if deliver(path.as_deref(), &text, &picture.figure, arguments.check)? == Outcome::Findings {
            outcome = Outcome::Findings;
        }
    }
    Ok(outcome)
}

fn write(format: Format, figure: &Figure, arguments: &Arguments) -> Result<String> {
    let theme = match arguments.theme {
        Colours::Auto => Theme::Auto,
        Colours::Light => Theme::Light,
        Colours::Dark => Theme::Dark,
    };
    if arguments.graphviz {
        return match format {
            Format::Svg => graphviz::svg(&draw::render(figure, draw::Format::Dot)),
            Format::Text(_) | Format::Scxml | Format::Markdown | Format::Rst => {
                bail!("`--graphviz` is for `--format svg`")
            }
        };
    }
    let options = Options { theme, inline: arguments.inline, source_url: arguments.source_url.clone() };
    Ok(match format {
        Format::Svg => svg(figure, &options),
        Format::Text(format) => draw::render(figure, format),
        Format::Markdown => draw::equivalent(figure).markdown(),
        Format::Rst => draw::equivalent(figure).rst(),
        Format::Scxml => bail!("a chart is written from a machine, not from a picture"),
    })
}

/// Writes one picture to where it belongs, or says whether it is there already.
fn deliver(path: Option<&Path>, text: &str, figure: &Figure, is_check: bool) -> Result<Outcome> {
    let Some(path) = path else {
        to_stdout(text)?;
        eprintln!("{}", draw::describe(figure));
        return Ok(Outcome::Clean);
    };
    if is_check {
        let found = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        if found == text {
            return Ok(Outcome::Clean);
        }
        println!("{}: not current; run the same without `--check`", path.display());
        return Ok(Outcome::Findings);
    }
    write_file(path, text)?;
    eprintln!("{}: {}", path.display(), draw::describe(figure));
    Ok(Outcome::Clean)
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

fn is_directory(path: &Path) -> bool {
    let is_named_so = path.as_os_str().to_string_lossy().ends_with('/') || path.extension().is_none();
    path.is_dir() || (is_named_so && !path.is_file())
}
