//! `replay`: is this recording a run of the table?

mod coverage;
#[cfg(unix)]
mod follow;
mod formats;
mod together;

use std::iter;
use std::path::PathBuf;

use anyhow::Result;
#[cfg(not(unix))]
use anyhow::bail;
use clap::Args;
use migration_replay::log::printable;
use migration_table::model::Table;

use super::recording::{Assumed, Recording, Verdict};
use crate::input;
use crate::outcome::Outcome;
use crate::output::{say, stderr_style, to_stderr, to_stdout};
use crate::table_file::TableFile;
use coverage::Coverage;

#[derive(Args, Debug)]
#[command(
    after_help = "Exit status: 0 if every recording is a run, 1 if something is not explained, 2 if there is no verdict.\n\n\
    Examples:\n\
    \x20 migration-table replay session.jsonl\n\
    \x20 migration-table replay /var/log/libvirt/libvirtd.log --only mon=0x7f91e00095d0\n\
    \x20 migration-table replay --together source.log destination.log\n\
    \x20 socat - UNIX:qmp.sock | migration-table replay -\n\
    \x20 migration-table replay --follow qmp.sock"
)]
pub struct Arguments {
    /// Recordings, in any of the formats that `--formats` lists; `-` is standard input
    #[arg(value_name = "LOG", required_unless_present_any = ["follow", "formats"])]
    logs: Vec<PathBuf>,

    /// Follows a running process at its QMP socket, until it ends or does what the table does not explain
    #[arg(long, value_name = "SOCKET", conflicts_with = "logs")]
    follow: Option<PathBuf>,

    /// With `--follow`: keeps a page up to date that shows in the picture where the process is
    #[arg(long, value_name = "FILE", requires = "follow")]
    page: Option<PathBuf>,

    /// Follows all recordings as one system: a message of the table arrives only where it can have been sent
    #[arg(long, conflicts_with_all = ["follow", "coverage"])]
    together: bool,

    /// With `--together`: how far the clocks of the recordings may be apart, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 1000, requires = "together")]
    skew_ms: u32,

    /// Lists the rows of the table that the recordings take, and those that none of them takes
    #[arg(long, conflicts_with = "follow")]
    coverage: bool,

    /// Lists the formats that are read, each with a sample
    #[arg(long)]
    formats: bool,

    #[command(flatten)]
    assumed: Assumed,
}

/// Follows every recording and says which are runs of the table.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    if arguments.formats {
        to_stdout(&formats::list())?;
        return Ok(Outcome::Clean);
    }
    input::refuse_twice(iter::once(file.path()).chain(arguments.logs.iter().map(PathBuf::as_path)))?;
    let read = file.read()?;
    let Some(table) = &read.table else {
        // Released machines have faults that are findings, so a table need not be sound; but it must make sense.
        to_stderr(&file.render(&read, stderr_style()));
        return Ok(Outcome::Findings);
    };
    arguments.assumed.fits(table, file.name())?;
    if let Some(socket) = &arguments.follow {
        #[cfg(unix)]
        return follow::run(file, table, socket, arguments.page.as_deref(), &arguments.assumed);
        #[cfg(not(unix))]
        bail!("cannot follow `{}`: this system has no unix sockets", socket.display());
    }
    let recordings: Result<Vec<Recording>> = arguments.logs.iter().map(|log| Recording::open(log)).collect();
    let recordings = recordings?;
    if arguments.together {
        let skew = f64::from(arguments.skew_ms) / 1e3;
        return together::run(table, file, &recordings, skew, &arguments.assumed);
    }
    let mut outcome = Outcome::Clean;
    for recording in &recordings {
        outcome = worse(outcome, replay(table, file, recording, &arguments.assumed)?);
    }
    if arguments.coverage {
        let mut coverage = Coverage::of(table);
        for recording in &recordings {
            coverage.add(recording, &arguments.assumed)?;
        }
        to_stdout(&coverage.text(file.name()))?;
    }
    Ok(outcome)
}

/// A refusal says more than a recording that could not be read to its end, and that more than an explanation.
fn worse(a: Outcome, b: Outcome) -> Outcome {
    match (a, b) {
        (Outcome::Findings, _) | (_, Outcome::Findings) => Outcome::Findings,
        (Outcome::CouldNotRun, _) | (_, Outcome::CouldNotRun) => Outcome::CouldNotRun,
        (Outcome::Clean, Outcome::Clean) => Outcome::Clean,
    }
}

fn replay(table: &Table, file: &TableFile, recording: &Recording, assumed: &Assumed) -> Result<Outcome> {
    let name = printable(&recording.name);
    let Verdict { follower, stops, cut } = Verdict::on(recording, table, assumed)?;
    for bad in &follower.bad_lines {
        say(format_args!("{name}:{}: {}", bad.line, printable(&bad.why)));
    }
    for note in follower.notes(&recording.name) {
        say(format_args!("{note}"));
    }
    let mut outcome = Outcome::Clean;
    for stop in &stops {
        let text = format!("{name}:{}: {stop}", stop.line);
        if stop.gave_up {
            to_stderr(&text);
            outcome = worse(outcome, Outcome::CouldNotRun);
        } else {
            to_stdout(&text)?;
            outcome = Outcome::Findings;
        }
    }
    if !stops.is_empty() {
        return Ok(outcome);
    }
    if let Some(at) = cut {
        // Whoever recorded it was stopped while something arrived; all before is worth judging.
        say(format_args!("{name}:{at}: the recording ends in the middle of this"));
    }
    if let Some(why) = follower.nothing(file.name()) {
        // The note says what the file is, and what to do.
        if !follower.log.is_unreadable() {
            say(format_args!("{name}: {}", file.invocation().fill(&why)));
        }
        return Ok(Outcome::CouldNotRun);
    }
    to_stdout(&format!("{name}: {}\n", follower.explained(file.name())))?;
    Ok(if follower.bad_lines.is_empty() { Outcome::Clean } else { Outcome::CouldNotRun })
}
