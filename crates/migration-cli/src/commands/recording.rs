//! Recordings as files: what is in them, and how far a table explains it.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, stdin};
use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::Args;
use migration_replay::log::{BadLine, Log, Seen};
use migration_replay::{Observation, Replay, Start};
use migration_table::model::Table;

/// A line of a recording is not longer than this, in bytes: a reply that lists everything is far shorter.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// Longest recording that is read, in bytes.
const BYTES_MAX: u64 = 1 << 30;

/// The verdict on a recording that shows nothing.
pub(super) const NOTHING: &str = "nothing in it that a QMP session shows";

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

    /// The same for a process that began long ago, and that others command too.
    pub(super) fn of_a_spectator(&self) -> Assumed {
        Assumed { attached: true, others: true, ..self.clone() }
    }

    /// Refuses events that are not rare in the table of this name.
    pub(super) fn fits(&self, table: &Table, table_name: &str) -> Result<()> {
        match self.assume.iter().find(|name| !is_rare_event(table, name)) {
            Some(unknown) => bail!("`{unknown}` is no rare event of `{table_name}`"),
            None => Ok(()),
        }
    }
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
        let mut bytes = 0;
        while input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line).with_context(cannot)? > 0 {
            seen.extend(log.read(&String::from_utf8_lossy(&line)));
            lines += 1;
            bytes += line.len() as u64;
            if bytes > BYTES_MAX || (line.len() as u64 == LINE_BYTES_MAX && line.iter().all(|byte| *byte == 0)) {
                bail!("the recording `{name}` is no text, or longer than {} MiB", BYTES_MAX >> 20);
            }
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
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) line: usize,
    /// What was seen, and why no run explains it.
    pub(super) what: String,
    /// What could have been seen instead, a line each.
    pub(super) instead: Vec<String>,
}

/// The whole as lines, each with its end.
impl fmt::Display for Stop {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.what)?;
        self.instead.iter().try_for_each(|line| writeln!(out, "  {line}"))
    }
}

/// Why a line is not the next one of a run.
pub(super) enum Trouble {
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
        self.follow_with(recording, |_, _| {})
    }

    /// The same; `each` is given everything that was seen, and what may be true after it. What is not explained is the
    /// last, with what may be true before it.
    pub(super) fn follow_with(
        &mut self,
        recording: &Recording,
        mut each: impl FnMut(&Seen, &Replay<'_>),
    ) -> Option<Stop> {
        if recording.has_late_events() {
            self.replay = self.replay.clone().with_late_events();
        }
        for seen in &recording.seen {
            match seen {
                Err(bad) => self.bad_lines.push(bad.clone()),
                Ok(seen) => {
                    let stop = self.observe(seen).err();
                    each(seen, &self.replay);
                    if stop.is_some() {
                        return stop;
                    }
                }
            }
        }
        None
    }

    /// The verdict on a recording all of which is explained.
    pub(super) fn explained(&self, recording: &Recording, table_name: &str) -> String {
        format!("a run of `{table_name}` ({} lines, {} observations)", recording.lines, self.seen)
    }

    /// The process shows this status from now on; what was seen before is forgotten.
    pub(super) fn begin(&mut self, status: Option<String>) {
        self.attached = None;
        // It says how the process is, so nothing can be against it.
        let _ = self.replay.observe("", &Observation::Started(Start::Showing(status)));
    }

    /// What is wrong with a line; nothing after the first thing that is not explained.
    pub(super) fn line(&mut self, line: &str) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        for seen in self.log.read(line) {
            match seen.map(|seen| self.observe(&seen)) {
                Ok(Ok(())) => {}
                Err(bad) => troubles.push(Trouble::BadLine(bad)),
                Ok(Err(stop)) => {
                    troubles.push(Trouble::Unexplained(stop));
                    break;
                }
            }
        }
        troubles
    }

    fn observe(&mut self, seen: &Seen) -> Result<(), Stop> {
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
            let what = format!("{}{whose} is not explained: {error}", seen.words);
            Stop { line: seen.line, what, instead: error.instead() }
        })
    }
}

fn is_rare_event(table: &Table, name: &str) -> bool {
    table.machines.iter().flat_map(|machine| &machine.facts).any(|fact| fact.is_rare && fact.name == name)
}
