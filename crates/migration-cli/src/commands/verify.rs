//! `verify`: do the machines of the table keep together what is promised?

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

mod pairs;
mod save;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use migration_table::Severity;
use migration_table::model::Table;
use migration_verify::{
    Bounds, Composition, Counterexample, Invalid, Network, Outcome as Decided, Report, System, add_mends, promela,
    verify,
};
use serde_json::json;

use crate::outcome::Outcome;
use crate::output::Output;
use crate::table_file::TableFile;
use crate::tables::Tables;

const AFTER_HELP: &str = "\
Every host may begin attempts, be given any command in any state, see any of its work fail, and be killed; messages are \
held back, and connections break and lose what was sent last. Each property holds, fails with a shortest run that shows \
it, is vacuous, or is not decided because a bound was hit.

Examples:
  migration-table verify                       the nearest states.yaml
  migration-table verify --kills 0             nobody dies
  migration-table verify --with 1.2            each machine with the others of release 1.2
  migration-table verify --releases            each machine with the others of every release
  migration-table verify --format mermaid      runs as a sequence diagram
  migration-table verify --save walks/         runs as walks, which become tests
  migration-table verify --format json -o verify.json
  migration-table diagram trace verify.json --finding PROPERTY
  migration-table explorer verify.json         plays the runs

Exit status: 0 everything holds, 1 something fails or the table has errors, 2 it could not run, or a bound was hit before it was certain.";

/// The most attempts of each host that are searched.
const ATTEMPTS_MAX: i64 = 3;

#[derive(Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The table; `-` is standard input [default: as `--table` says]
    #[arg(value_name = "TABLE")]
    named: Option<PathBuf>,

    #[command(flatten)]
    bounds: BoundsArguments,

    /// Lets the network lose single messages
    #[arg(long)]
    lose: bool,

    /// Lets messages arrive twice
    #[arg(long)]
    duplicate: bool,

    /// Lets messages overtake each other
    #[arg(long)]
    reorder: bool,

    /// Runs each machine of another table with the others of this one: of a file, a release, or a commit that has
    /// this file; may be given several times
    #[arg(long, value_name = "FILE|RELEASE|COMMIT")]
    with: Vec<String>,

    /// The same with every supported release of which the table was kept
    #[arg(long)]
    releases: bool,

    /// Saves the runs of properties that fail in this directory, as walks: one for each host
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,

    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    output: Output,
}

/// What bounds the search.
#[derive(Args, Debug)]
struct BoundsArguments {
    /// Messages of one direction that can be on their way, 1 to 8; more are tried as long as that changes anything
    #[arg(long, value_name = "MESSAGES", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=8))]
    depth: u8,

    /// Attempts of each host, 1 to 3
    #[arg(long, value_name = "NUMBER", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=ATTEMPTS_MAX))]
    attempts: u8,

    /// Hosts that may die, 0 to 3
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=3))]
    kills: u8,

    /// Hosts that run each machine to which others connect, 1 to 3
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=3))]
    acceptors: u8,

    /// Configurations that are stored before the search gives up
    #[arg(long, value_name = "NUMBER", default_value_t = 20_000_000)]
    configurations: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal: runs as a column for each host, with the messages between them
    Text,
    /// For a program
    Json,
    /// Runs as a sequence diagram, one after the other
    Mermaid,
    /// The machines as a Promela model, for SPIN; nothing is verified
    Promela,
}

/// Verifies the table and reports what it found.
pub(crate) fn run(tables: &Tables, arguments: &Arguments) -> Result<Outcome> {
    let file = tables.file_or(arguments.named.as_ref())?;
    if arguments.format == Format::Promela {
        let read = file.read()?;
        let Some(table) = file.resolved(&read) else { return Ok(Outcome::Findings) };
        let composition = Composition::new(table, &system(table, arguments, &[]));
        let composition = composition.with_context(|| format!("cannot compose `{}`", file.name()))?;
        arguments.output.write(&promela(&composition))?;
        return Ok(Outcome::Clean);
    }
    let verified = |table: &Table, foreign: &[String], name: &str| {
        explore(table, &system(table, arguments, foreign)).with_context(|| format!("cannot verify {name}"))
    };
    let with_mends = |table: &Table, foreign: &[String], report: &mut Report| {
        add_mends(table, &system(table, arguments, foreign), migration_contract::check, report)
    };
    let (read, report) = file.read_beside(|table| verified(table, &[], &format!("`{}`", file.name())))?;
    let Some((table, report)) = file.resolved(&read).cloned().zip(report) else { return Ok(Outcome::Findings) };
    let errors = read.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let mut report = report?;
    with_mends(&table, &[], &mut report)?;
    let saved = |table: &Table, foreign: &[String], report: &Report| match &arguments.save {
        Some(directory) => save::save((table, &file.in_repository()), foreign, report, directory),
        None => Ok(()),
    };
    saved(&table, &[], &report)?;
    let mut reports = vec![(file.name().to_owned(), report)];
    for other in pairs::others((&file, &table), &arguments.with, arguments.releases)? {
        let Some(of) = other.table(&file)? else { return Ok(Outcome::Findings) };
        let pairs = pairs::reports((file.name(), &table), (&other.name, &of), &verified)?;
        for (title, pair, mut report) in pairs {
            with_mends(&pair.table, &pair.foreign, &mut report)?;
            saved(&pair.table, &pair.foreign, &report)?;
            reports.push((title, report));
        }
    }
    let mut text = written(&reports, errors, arguments.format)?;
    if errors > 0 && arguments.format == Format::Text {
        text += &said_of_errors(&file, errors);
    }
    arguments.output.write(&text)?;
    let outcome = outcome(&reports);
    Ok(if outcome == Outcome::Clean && errors > 0 { Outcome::Findings } else { outcome })
}

/// What the result is worth where the table has errors: no code is generated from such a table.
fn said_of_errors(file: &TableFile, errors: usize) -> String {
    let (errors, check) = (if errors == 1 { "an error".to_owned() } else { format!("{errors} errors") }, &["check"]);
    let check = file.invocation().command(check);
    format!("{}: the table has {errors}, so this is no pass: see `{check}`\n", file.name())
}

fn outcome(reports: &[(String, Report)]) -> Outcome {
    if reports.iter().any(|(_, report)| report.has_failures()) {
        Outcome::Findings
    } else if reports.iter().any(|(_, report)| report.is_undecided()) {
        Outcome::CouldNotRun
    } else {
        Outcome::Clean
    }
}

/// Verifies a table, and shows a person at a terminal how far the search is.
fn explore(table: &Table, system: &System) -> Result<Report, Invalid> {
    let is_shown = io::stderr().is_terminal();
    let mut progress = |found: usize| {
        if is_shown {
            let _ = write!(io::stderr(), "\r{found} configurations");
        }
    };
    let report = verify(table, system, &table.properties, &mut progress);
    if is_shown {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
    report
}

fn system(table: &Table, arguments: &Arguments, foreign: &[String]) -> System {
    let bounds = &arguments.bounds;
    System {
        acceptors: usize::from(bounds.acceptors),
        bounds: Bounds {
            depth: usize::from(bounds.depth),
            attempts: bounds.attempts,
            kills: bounds.kills,
            configurations_max: bounds.configurations,
        },
        network: Network {
            cut: true,
            lose: arguments.lose,
            duplicate: arguments.duplicate,
            reorder: arguments.reorder,
        },
        foreign: foreign.to_vec(),
        ..System::of(table)
    }
}

/// One report is an object in JSON; several are a list of pairs, each with its name.
fn written(reports: &[(String, Report)], errors: usize, format: Format) -> Result<String> {
    match (format, reports) {
        (Format::Json, [(_, report)]) => {
            let mut report = serde_json::to_value(report)?;
            report["table_errors"] = errors.into();
            Ok(format!("{report:#}\n"))
        }
        (Format::Json, _) => {
            let pairs = reports.iter().map(|(name, report)| json!({ "pair": name, "report": report }));
            Ok(serde_json::to_string_pretty(&pairs.collect::<Vec<_>>())? + "\n")
        }
        (Format::Text | Format::Promela, _) => {
            let text = |(name, report): &(String, Report)| format!("{}{name}: {}\n", report.text(), summary(report));
            Ok(reports.iter().map(text).collect::<Vec<_>>().join("\n"))
        }
        (Format::Mermaid, _) => {
            let verdicts = reports.iter().flat_map(|(_, report)| &report.verdicts);
            let runs = verdicts.filter_map(|verdict| match &verdict.result {
                Decided::Fails(run) if verdict.is_new_failure() => Some((verdict.property.as_str(), &**run)),
                Decided::Fails(_) | Decided::Holds { .. } | Decided::Vacuous { .. } | Decided::NotExhausted => None,
            });
            Ok(Counterexample::mermaid_of(&runs.collect::<Vec<_>>()))
        }
    }
}

fn summary(report: &Report) -> String {
    let figures = &report.figures;
    let failures = report.verdicts.iter().filter(|verdict| verdict.is_new_failure()).count();
    let is_known = report.verdicts.iter().any(|verdict| verdict.fails_in.is_some());
    let verdict = match (failures, report.is_undecided()) {
        (0, false) if is_known => "nothing fails that the release does not fail with itself".to_owned(),
        (0, false) => "everything holds".to_owned(),
        (0, true) => "nothing fails as far as it was searched".to_owned(),
        (1, _) => "1 property fails".to_owned(),
        (count, _) => format!("{count} properties fail"),
    };
    let channels = match (figures.full_channels, report.is_deep_enough) {
        (0, _) => format!("channels of {}, never full", report.depth),
        (_, true) => format!("channels of {}, and room for one more message changes nothing", report.depth),
        (_, false) => format!("channels of {}, and some were full", report.depth),
    };
    let (found, steps) = (figures.configurations, figures.transitions);
    let bounds = format!(
        "{} and {}",
        counted(report.attempts, "attempt of each host", "attempts of each host"),
        counted(report.kills, "death", "deaths")
    );
    let text = format!("{found} configurations, {steps} steps, {bounds}, {channels}: {verdict}");
    match bound(report) {
        Some(bound) => format!("{text}; not exhausted: {bound}"),
        None => text,
    }
}

fn counted(count: u8, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Which bound of the search was hit, and what to do about it.
fn bound(report: &Report) -> Option<String> {
    if !report.figures.is_exhausted {
        return Some("there are more configurations; raise `--configurations`".to_owned());
    }
    if !report.is_deep_enough || report.figures.full_channels > 0 && has_open(report) {
        let lower = match (report.attempts > 1, report.kills > 0) {
            (true, true) => ", or lower `--attempts` or `--kills`",
            (true, false) => ", or lower `--attempts`",
            (false, true) => ", or lower `--kills`",
            (false, false) => "",
        };
        return Some(format!(
            "however much room the channels have, they can be full: let a machine wait for an answer before it sends more{lower}"
        ));
    }
    let more = match i64::from(report.attempts) < ATTEMPTS_MAX {
        true => "more attempts may decide the open properties; raise `--attempts`".to_owned(),
        false => {
            format!(
                "more attempts might decide the open properties, and more than {ATTEMPTS_MAX} are not searched; `possible` \
                 without `from` asks for one run, where with `from` every one must be able to go on so"
            )
        }
    };
    has_open(report).then_some(more)
}

fn has_open(report: &Report) -> bool {
    report.verdicts.iter().any(|verdict| matches!(verdict.result, Decided::NotExhausted))
}
