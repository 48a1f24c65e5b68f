//! `replay`: is this recording a run of the table?

use std::fs::File;
use std::io::{BufRead, BufReader, Read, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use migration_replay::log::{BadLine, Log, Seen};
use migration_replay::{Observation, Replay, Start};
use migration_table::model::Table;

use crate::outcome::Outcome;
use crate::output::to_stdout;
use crate::table_file::TableFile;

mod follow;

/// A line of a recording is not longer than this, in bytes: a reply that lists everything is far shorter.
const LINE_BYTES_MAX: u64 = 16 << 20;

#[derive(Args, Debug)]
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

/// What may be, although a recording does not show it.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Assumed {
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

impl Assumed {
    /// Whether nothing is assumed.
    pub(super) fn is_nothing(&self) -> bool {
        self.assume.is_empty() && !self.attached && !self.others
    }

    /// Refuses events that are not rare in the table of this name.
    pub(super) fn fits(&self, table: &Table, table_name: &str) -> Result<()> {
        match self.assume.iter().find(|name| !is_rare_event(table, name)) {
            Some(unknown) => bail!("`{unknown}` is no rare event of `{table_name}`"),
            None => Ok(()),
        }
    }
}

/// Follows every recording and says which are runs of the table.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let read = file.read()?;
    let Some(table) = &read.table else {
        // Released machines have faults that are findings, so a table need not be sound; but it must make sense.
        eprint!("{}", file.render(&read, crate::output::stderr_style()));
        return Ok(Outcome::CouldNotRun);
    };
    arguments.assumed.fits(table, file.name())?;
    if let Some(socket) = &arguments.follow {
        return follow::run(table, file.name(), socket, &arguments.assumed);
    }
    let mut outcome = Outcome::Clean;
    for log in &arguments.logs {
        outcome = worse(outcome, replay(table, file.name(), log, &arguments.assumed)?);
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
fn replay(table: &Table, table_name: &str, path: &Path, assumed: &Assumed) -> Result<Outcome> {
    let recording = Recording::read(path)?;
    let name = &recording.name;
    let mut follower = Follower::new(table, assumed);
    let stopped = follower.follow(&recording);
    for bad in &follower.bad_lines {
        eprintln!("{name}:{}: {bad}", bad.line);
    }
    if let Some(Stop { line, text }) = stopped {
        to_stdout(&format!("{name}:{line}: {text}"))?;
        return Ok(Outcome::Findings);
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
    Ok(if follower.bad_lines.is_empty() { Outcome::Clean } else { Outcome::CouldNotRun })
}

/// A recording, read to its end.
pub(super) struct Recording {
    /// Its file, as the user named it.
    pub(super) name: String,
    seen: Vec<Result<Seen, BadLine>>,
    lines: usize,
    /// The line of something that has no end, because the recording has one.
    pub(super) cut: Option<usize>,
}

impl Recording {
    pub(super) fn read(path: &Path) -> Result<Recording> {
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
pub(super) struct Follower<'t> {
    log: Log,
    pub(super) replay: Replay<'t>,
    /// Processes that were seen, if they are to be taken as having begun long ago.
    attached: Option<Vec<String>>,
    /// How much was seen, what is not explained included.
    pub(super) seen: usize,
    /// What makes no sense in the recording.
    pub(super) bad_lines: Vec<BadLine>,
}

/// Something that no run explains.
pub(super) struct Stop {
    pub(super) line: usize,
    /// What was seen, and what could have been: lines, each with its end.
    pub(super) text: String,
}

/// Why a line is not the next one of a run.
enum Trouble {
    BadLine(BadLine),
    Unexplained(Stop),
}

impl<'t> Follower<'t> {
    pub(super) fn new(table: &'t Table, assumed: &Assumed) -> Follower<'t> {
        let mut replay = Replay::new(table).assuming(&assumed.assume);
        if assumed.others {
            replay = replay.with_unseen_commands();
        }
        let attached = assumed.attached.then(Vec::new);
        Follower { log: Log::default(), replay, attached, seen: 0, bad_lines: Vec::new() }
    }

    /// The same, so that the runs are known afterwards.
    pub(super) fn tracing(mut self) -> Follower<'t> {
        self.replay = self.replay.tracing();
        self
    }

    /// Follows a recording to its end, or to the first thing that is not explained.
    pub(super) fn follow(&mut self, recording: &Recording) -> Option<Stop> {
        if recording.has_late_events() {
            self.replay = self.replay.clone().with_late_events();
        }
        for seen in &recording.seen {
            match seen.as_ref().map_err(|bad| Trouble::BadLine(bad.clone())).and_then(|seen| self.observe(seen)) {
                Ok(()) => {}
                Err(Trouble::BadLine(bad)) => self.bad_lines.push(bad),
                Err(Trouble::Unexplained(stop)) => return Some(stop),
            }
        }
        None
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
            let text = format!("{}{whose} is not explained: {error}\n{instead}", seen.words);
            Trouble::Unexplained(Stop { line: seen.line, text })
        })
    }
}
