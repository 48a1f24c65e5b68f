//! `replay`: is this recording a run of the table?

use std::fs::File;
use std::io::{BufRead, BufReader, Read, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use migration_table::model::Table;
use migration_table::replay::log::{BadLine, Log, Seen};
use migration_table::replay::{Observation, Replay, Start};

use crate::outcome::Outcome;
use crate::output::to_stdout;
use crate::table_file::TableFile;

mod follow;

/// A line of a recording is not longer than this, in bytes: a reply that lists everything is far shorter.
const LINE_BYTES_MAX: u64 = 16 << 20;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Recordings: what crosses a QMP socket, as it is, wrapped, or as `socat` and `qmp-shell` show it; `-` is standard input
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

    /// Others command the processes too, and the recordings do not show it
    #[arg(long)]
    others: bool,
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
        return follow::run(table, file.name(), socket, arguments);
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
    let recording = Recording::read(path)?;
    let name = &recording.name;
    let mut follower = Follower::new(table, arguments);
    if recording.has_late_events() {
        follower.replay = follower.replay.with_late_events();
    }
    let mut bad_lines = 0_usize;
    for seen in &recording.seen {
        match seen.as_ref().map_err(|bad| Trouble::BadLine(bad.clone())).and_then(|seen| follower.observe(seen)) {
            Ok(()) => {}
            Err(Trouble::BadLine(bad)) => {
                bad_lines += 1;
                eprintln!("{name}:{}: {bad}", bad.line);
            }
            Err(Trouble::Unexplained(at, text)) => {
                to_stdout(&format!("{name}:{at}: {text}"))?;
                return Ok(Outcome::Findings);
            }
        }
    }
    if let Some(at) = recording.cut {
        // Whoever recorded it was stopped while something arrived; all before is worth judging.
        eprintln!("{name}:{at}: the recording ends in the middle of this");
    }
    if follower.seen == 0 {
        eprintln!("{name}: nothing in it that a QMP session shows");
        return Ok(Outcome::CouldNotRun);
    }
    let (lines, events) = (recording.lines, follower.seen);
    to_stdout(&format!("{name}: a run of `{table_name}` ({lines} lines, {events} observations)\n"))?;
    Ok(if bad_lines == 0 { Outcome::Clean } else { Outcome::CouldNotRun })
}

/// A recording, read to its end.
struct Recording {
    name: String,
    seen: Vec<Result<Seen, BadLine>>,
    lines: usize,
    /// The line of something that has no end, because the recording has one.
    cut: Option<usize>,
}

impl Recording {
    fn read(path: &Path) -> Result<Recording> {
        let name = path.display().to_string();
        let cannot = || format!("cannot read the recording `{name}`");
        let reader: Box<dyn Read> = match name.as_str() {
            "-" => Box::new(stdin()),
            _ => Box::new(File::open(path).with_context(cannot)?),
        };
        let (mut input, mut log, mut seen, mut lines, mut line) =
            (BufReader::new(reader), Log::default(), Vec::new(), 0, Vec::new());
        while input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line).with_context(cannot)? > 0 {
            seen.extend(log.read(&String::from_utf8_lossy(&line)));
            lines += 1;
            line.clear();
        }
        Ok(Recording { seen, lines, cut: log.finish(), name })
    }

    /// Whether its events come when somebody asks for them.
    fn has_late_events(&self) -> bool {
        self.seen.iter().any(|seen| seen.as_ref().is_ok_and(|seen| seen.is_late))
    }
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
    BadLine(BadLine),
    /// The number of the line, and what was seen and what could have been, as lines.
    Unexplained(usize, String),
}

impl<'t> Follower<'t> {
    fn new(table: &'t Table, arguments: &Arguments) -> Follower<'t> {
        let mut replay = Replay::new(table).assuming(&arguments.assume);
        // Whoever follows a live process comes late, and is not alone.
        let is_live = arguments.follow.is_some();
        if arguments.others || is_live {
            replay = replay.with_unseen_commands();
        }
        let attached = (arguments.attached || is_live).then(Vec::new);
        Follower { log: Log::default(), replay, attached, seen: 0 }
    }

    /// The process shows this status from now on; what was seen before is forgotten.
    fn begin(&mut self, status: Option<String>) {
        self.attached = None;
        // It says how the process is, so nothing can be against it.
        let _ = self.replay.observe("", &Observation::Started(Start::Showing(status)));
    }

    /// What is wrong with a line; nothing after the first thing that is not explained.
    fn line(&mut self, line: &str) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        for seen in self.log.read(line) {
            match seen.map_err(Trouble::BadLine).and_then(|seen| self.observe(&seen)) {
                Ok(()) => {}
                Err(trouble @ Trouble::BadLine(_)) => troubles.push(trouble),
                Err(trouble @ Trouble::Unexplained(..)) => {
                    troubles.push(trouble);
                    break;
                }
            }
        }
        troubles
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
            Trouble::Unexplained(seen.line, format!("{}{whose} is not explained: {error}\n{instead}", seen.words))
        })
    }
}
