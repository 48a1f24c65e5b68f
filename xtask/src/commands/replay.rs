//! `replay`: is this recording a run of the table?

use std::fs::File;
use std::io::{BufRead, BufReader, Read, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use migration_table::model::Table;
use migration_table::replay::log::{Log, Seen};
use migration_table::replay::{Observation, Replay, Start};

use crate::outcome::Outcome;
use crate::output::to_stdout;
use crate::table_file::TableFile;

mod follow;

/// A line of a recording is not longer than this, in bytes: a reply that lists everything is far shorter.
const LINE_BYTES_MAX: u64 = 16 << 20;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Recordings: JSON objects, one a line, as they cross a QMP socket or wrapped; `-` is standard input
    #[arg(value_name = "LOG", required_unless_present = "follow")]
    logs: Vec<PathBuf>,

    /// Follows a running process at its QMP socket, until it ends or does what the table does not explain
    #[arg(long, value_name = "SOCKET", conflicts_with = "logs")]
    follow: Option<PathBuf>,

    /// Takes it that this rare event may have happened; may be given more than once
    #[arg(long, value_name = "EVENT")]
    assume: Vec<String>,

    /// The recordings begin in the middle of something
    #[arg(long)]
    attached: bool,
}

/// Follows every recording and says which are runs of the table.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let read = file.read()?;
    let Some(table) = &read.table else {
        // Released machines have faults that are findings, so a table need not be sound; but it must make sense.
        eprint!("{}", file.render(&read, crate::output::stderr_style()));
        return Ok(Outcome::CouldNotRun);
    };
    if let Some(unknown) = arguments.assume.iter().find(|name| !is_rare_event(table, name)) {
        bail!("`{unknown}` is no rare event of `{}`", file.name());
    }
    if let Some(socket) = &arguments.follow {
        return follow::run(table, file.name(), socket, &arguments.assume);
    }
    let mut outcome = Outcome::Clean;
    for log in &arguments.logs {
        outcome = worse(outcome, replay(table, file.name(), log, arguments)?);
    }
    Ok(outcome)
}

fn is_rare_event(table: &Table, name: &str) -> bool {
    table.machines.iter().flat_map(|machine| &machine.facts).any(|fact| fact.is_rare && fact.name == name)
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
fn replay(table: &Table, table_name: &str, path: &Path, arguments: &Arguments) -> Result<Outcome> {
    let name = path.display().to_string();
    let reader: Box<dyn Read> = match name.as_str() {
        "-" => Box::new(stdin()),
        _ => Box::new(File::open(path).with_context(|| format!("cannot read the recording `{name}`"))?),
    };
    let mut lines = BufReader::new(reader);
    let mut follower = Follower::new(table, &arguments.assume, arguments.attached);
    let (mut number, mut bad_lines, mut line) = (0_usize, 0_usize, Vec::new());
    loop {
        line.clear();
        let count = lines.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
        if count.with_context(|| format!("cannot read the recording `{name}`"))? == 0 {
            break;
        }
        number += 1;
        match follower.line(&String::from_utf8_lossy(&line)) {
            Ok(()) => {}
            Err(Trouble::BadLine(why)) => {
                bad_lines += 1;
                eprintln!("{name}:{number}: {why}");
            }
            Err(Trouble::Unexplained(text)) => {
                to_stdout(&format!("{name}:{number}: {text}"))?;
                return Ok(Outcome::Findings);
            }
        }
    }
    if follower.seen == 0 {
        eprintln!("{name}: nothing in it that a QMP session shows");
        return Ok(Outcome::CouldNotRun);
    }
    let events = follower.seen;
    to_stdout(&format!("{name}: a run of `{table_name}` ({number} lines, {events} observations)\n"))?;
    Ok(if bad_lines == 0 { Outcome::Clean } else { Outcome::CouldNotRun })
}

/// Follows lines, wherever they come from.
struct Follower<'t> {
    log: Log,
    replay: Replay<'t>,
    /// Processes that were seen, if they are to be taken as having begun long ago.
    attached: Option<Vec<String>>,
    seen: usize,
}

/// Why a line is not the next one of a run.
enum Trouble {
    BadLine(String),
    /// What was seen and what could have been, as lines.
    Unexplained(String),
}

impl<'t> Follower<'t> {
    fn new(table: &'t Table, assume: &[String], attached: bool) -> Follower<'t> {
        let replay = Replay::new(table).assuming(assume);
        Follower { log: Log::default(), replay, attached: attached.then(Vec::new), seen: 0 }
    }

    /// For a process that began long ago and that others command too.
    fn beside_others(table: &'t Table, assume: &[String]) -> Follower<'t> {
        let follower = Follower::new(table, assume, true);
        Follower { replay: follower.replay.with_unseen_commands(), ..follower }
    }

    /// The process shows this status from now on; what was seen before is forgotten.
    fn begin(&mut self, status: Option<String>) {
        self.attached = None;
        // It says how the process is, so nothing can be against it.
        let _ = self.replay.observe("", &Observation::Started(Start::Showing(status)));
    }

    fn line(&mut self, line: &str) -> Result<(), Trouble> {
        let seen = self.log.read(line).map_err(|error| Trouble::BadLine(error.to_string()))?;
        seen.map_or(Ok(()), |seen| self.observe(&seen))
    }

    fn observe(&mut self, seen: &Seen) -> Result<(), Trouble> {
        self.seen += 1;
        if let Some(known) = &mut self.attached
            && !known.contains(&seen.process)
        {
            known.push(seen.process.clone());
            // Nothing has been seen of it, so nothing can be against it.
            let _ = self.replay.observe(&seen.process, &Observation::Started(Start::LongAgo));
        }
        self.replay.observe(&seen.process, &seen.observation).map_err(|error| {
            let whose = if seen.process.is_empty() { String::new() } else { format!(" of `{}`", seen.process) };
            let instead: String = error.instead().iter().map(|line| format!("  {line}\n")).collect();
            Trouble::Unexplained(format!("{}{whose} is not explained: {error}\n{instead}", seen.words))
        })
    }
}
