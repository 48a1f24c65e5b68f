//! `replay`: is this recording a run of the table?

use std::path::{Path, PathBuf};

use anyhow::Result;
#[cfg(not(unix))]
use anyhow::bail;
use clap::Args;
use migration_table::model::Table;

use super::recording::{Assumed, Follower, NOTHING, Recording};
use crate::outcome::Outcome;
use crate::output::{say, stderr_style, to_stderr, to_stdout};
use crate::table_file::TableFile;

#[cfg(unix)]
mod follow;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n\
    \x20 migration-table replay session.jsonl\n\
    \x20 socat - UNIX:qmp.sock | migration-table replay -\n\
    \x20 migration-table replay --follow qmp.sock")]
pub struct Arguments {
    /// Recordings: what crosses a QMP socket, as it is, wrapped, or as `socat` and `qmp-shell` show it; `-` is standard input
    #[arg(value_name = "LOG", required_unless_present = "follow")]
    logs: Vec<PathBuf>,

    /// Follows a running process at its QMP socket, until it ends or does what the table does not explain
    #[arg(long, value_name = "SOCKET", conflicts_with = "logs")]
    follow: Option<PathBuf>,

    #[command(flatten)]
    assumed: Assumed,
}

/// Follows every recording and says which are runs of the table.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let read = file.read()?;
    let Some(table) = &read.table else {
        // Released machines have faults that are findings, so a table need not be sound; but it must make sense.
        to_stderr(&file.render(&read, stderr_style()));
        return Ok(Outcome::Findings);
    };
    arguments.assumed.fits(table, file.name())?;
    if let Some(socket) = &arguments.follow {
        #[cfg(unix)]
        return follow::run(table, file.name(), socket, &arguments.assumed);
        #[cfg(not(unix))]
        bail!("cannot follow `{}`: this system has no unix sockets", socket.display());
    }
    let mut outcome = Outcome::Clean;
    for log in &arguments.logs {
        outcome = worse(outcome, replay(table, file.name(), log, &arguments.assumed)?);
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

/// Follows one recording.
fn replay(table: &Table, table_name: &str, path: &Path, assumed: &Assumed) -> Result<Outcome> {
    let recording = Recording::read(path)?;
    let name = &recording.name;
    let mut follower = Follower::new(table, assumed);
    let stopped = follower.follow(&recording);
    for bad in &follower.bad_lines {
        say(format_args!("{name}:{}: {bad}", bad.line));
    }
    if let Some(stop) = stopped {
        to_stdout(&format!("{name}:{}: {stop}", stop.line))?;
        return Ok(Outcome::Findings);
    }
    if let Some(at) = recording.cut {
        // Whoever recorded it was stopped while something arrived; all before is worth judging.
        say(format_args!("{name}:{at}: the recording ends in the middle of this"));
    }
    if follower.seen == 0 {
        say(format_args!("{name}: {NOTHING}"));
        return Ok(Outcome::CouldNotRun);
    }
    to_stdout(&format!("{name}: {}\n", follower.explained(&recording, table_name)))?;
    Ok(if follower.bad_lines.is_empty() { Outcome::Clean } else { Outcome::CouldNotRun })
}
