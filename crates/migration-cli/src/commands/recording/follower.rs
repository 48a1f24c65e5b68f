//! Follows lines, wherever they come from.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::{Result, bail};
use clap::Args;
use migration_replay::log::{BadLine, Log, Seen, printable};
use migration_replay::{Arrivals, Observation, Replay, Start};
use migration_table::model::Table;

use super::input::Recording;

/// How many refusals are kept.
const STOPS_MAX: usize = 20;
/// How many processes are named that are not followed.
const LEFT_OUT_MAX: usize = 10;
/// How many bad lines are kept.
const BAD_LINES_MAX: usize = 1_000;

/// What may be, although a recording does not show it.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::commands) struct Assumed {
    /// Takes it that this rare event may have happened; may be given more than once
    #[arg(long, value_name = "EVENT")]
    assume: Vec<String>,

    /// The recordings begin in the middle of something
    #[arg(long)]
    attached: bool,

    /// Others command the processes too, and the recordings do not show it
    #[arg(long)]
    others: bool,

    /// Events may be written later than what came after them; their order is judged
    #[arg(long)]
    pub(super) late_events: bool,

    /// Follows only this process of the recordings, by its name in messages; may be given more than once
    #[arg(long, value_name = "PROCESS")]
    only: Vec<String>,
}

impl Assumed {
    /// Whether nothing is assumed.
    pub(in crate::commands) fn is_nothing(&self) -> bool {
        self.assume.is_empty() && !self.attached && !self.others && !self.late_events && self.only.is_empty()
    }

    /// The same for a process that began long ago, and that others command too.
    pub(in crate::commands) fn of_a_spectator(&self) -> Assumed {
        Assumed { attached: true, others: true, ..self.clone() }
    }

    /// The same where events may be written late.
    pub(in crate::commands) fn with_late_events(&self) -> Assumed {
        Assumed { late_events: true, ..self.clone() }
    }

    /// The same where this rare event may have happened.
    pub(super) fn with_event(&self, event: &str) -> Assumed {
        let mut more = self.clone();
        more.assume.push(event.to_owned());
        more
    }

    /// The rare events of a table that are not assumed, by name.
    pub(super) fn further_events<'t>(&self, table: &'t Table) -> BTreeSet<&'t str> {
        let facts = table.machines.iter().flat_map(|machine| &machine.facts).filter(|fact| fact.is_rare);
        facts.map(|fact| fact.name.as_str()).filter(|name| !self.assume.iter().any(|known| known == name)).collect()
    }

    /// Refuses events that are not rare in the table of this name.
    pub(in crate::commands) fn fits(&self, table: &Table, table_name: &str) -> Result<()> {
        match self.assume.iter().find(|name| !is_rare_event(table, name)) {
            Some(unknown) => bail!("`{unknown}` is no rare event of `{table_name}`"),
            None => Ok(()),
        }
    }
}

/// Follows lines as runs of a table.
pub(in crate::commands) struct Follower<'t> {
    pub(in crate::commands) log: Log,
    pub(in crate::commands) replay: Replay<'t>,
    only: Vec<String>,
    /// Others that are in the recordings, the first few.
    pub(super) left_out: BTreeSet<String>,
    /// How many lines were read and passed over in recordings before this one.
    pub(super) before: (usize, usize),
    /// Processes that were seen.
    pub(super) processes: BTreeSet<String>,
    is_attached: bool,
    /// Processes that are not followed any more: something of them is not explained.
    stopped: BTreeSet<String>,
    /// How much was seen, what is not explained included.
    pub(in crate::commands) seen: usize,
    /// Processes of which something was seen that means something to the table.
    pub(super) concerned: BTreeSet<String>,
    /// Messages that make no sense.
    pub(in crate::commands) bad_lines: Vec<BadLine>,
    /// Whether events were seen that came when somebody asked for them.
    pub(super) has_late_events: bool,
}

/// Something that no run explains.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Stop {
    pub(in crate::commands) line: usize,
    pub(super) process: String,
    pub(super) is_event: bool,
    /// Whether it is not known if some run explains it.
    pub(in crate::commands) gave_up: bool,
    /// What was seen, and why no run explains it.
    pub(in crate::commands) what: String,
    /// What could have been seen instead, a line each.
    pub(in crate::commands) instead: Vec<String>,
}

/// The whole as lines, each with its end.
impl fmt::Display for Stop {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", printable(&self.what))?;
        self.instead.iter().try_for_each(|line| writeln!(out, "  {}", printable(line)))
    }
}

/// Why a line is not the next one of a run.
pub(in crate::commands) enum Trouble {
    BadLine(BadLine),
    Unexplained(Stop),
}

impl<'t> Follower<'t> {
    pub(in crate::commands) fn new(table: &'t Table, assumed: &Assumed) -> Follower<'t> {
        let mut replay = Replay::new(table).assuming(&assumed.assume);
        if assumed.others {
            replay = replay.with_unseen_commands();
        }
        if assumed.late_events {
            replay = replay.with_late_events();
        }
        Follower {
            log: Log::new(table),
            replay,
            only: assumed.only.clone(),
            left_out: BTreeSet::new(),
            before: (0, 0),
            processes: BTreeSet::new(),
            is_attached: assumed.attached,
            stopped: BTreeSet::new(),
            seen: 0,
            concerned: BTreeSet::new(),
            bad_lines: Vec::new(),
            has_late_events: false,
        }
    }

    /// The same, so that the runs are known afterwards.
    pub(in crate::commands) fn tracing(mut self) -> Follower<'t> {
        self.replay = self.replay.tracing();
        self
    }

    /// The same, with what messages of the other processes can have arrived.
    pub(in crate::commands) fn with_arrivals(mut self, arrivals: Arrivals) -> Follower<'t> {
        self.replay = self.replay.with_arrivals(arrivals);
        self
    }

    /// The next lines are those of another recording.
    pub(in crate::commands) fn next_recording(&mut self, table: &Table) {
        let (lines, passed_over) = self.before;
        self.before = (lines + self.log.lines(), passed_over + self.log.passed_over());
        self.log = Log::new(table);
    }

    /// Follows a recording to the first thing that is not explained, or to its end. `each` is given everything that was
    /// seen, and what may be true after it. What is not explained is the last, with what may be true before it.
    pub(in crate::commands) fn follow_with(
        &mut self,
        recording: &Recording,
        mut each: impl FnMut(&Seen, &Replay<'_>),
    ) -> Result<Option<Stop>> {
        let mut stop = None;
        recording.lines(|line| {
            let seen = self.log.read(line);
            stop = self.take(seen, "", &mut each).into_iter().next();
            stop.is_none()
        })?;
        if stop.is_none() {
            let seen = self.log.flush();
            stop = self.take(seen, "", &mut each).into_iter().next();
        }
        Ok(stop)
    }

    /// Follows a recording to its end, without the processes of which something is not explained, and returns what is
    /// not. The names of its processes are told from those of other recordings by `prefix`.
    pub(in crate::commands) fn follow(&mut self, recording: &Recording, prefix: &str) -> Result<Vec<Stop>> {
        let mut stops = Vec::new();
        recording.lines(|line| {
            let seen = self.log.read(line);
            stops.extend(self.take(seen, prefix, &mut |_, _| {}));
            // Without names, all that follows is of the process that is not followed any more.
            stops.len() < STOPS_MAX && !(self.stopped.contains("") && self.processes.len() == 1)
        })?;
        let seen = self.log.flush();
        stops.extend(self.take(seen, prefix, &mut |_, _| {}));
        Ok(stops)
    }

    /// The process shows this status from now on; what was seen before is forgotten.
    pub(in crate::commands) fn begin(&mut self, status: Option<String>) {
        self.is_attached = false;
        // It says how the process is, so nothing can be against it.
        let _ = self.replay.observe("", &Observation::Started(Start::Showing(status)));
    }

    /// What is wrong with a line; nothing after the first thing that is not explained.
    /// `each` is given what was seen.
    pub(in crate::commands) fn line(&mut self, line: &str, mut each: impl FnMut(&Seen, &Replay<'_>)) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        for seen in self.log.read(line) {
            match seen {
                Err(bad) => troubles.push(Trouble::BadLine(bad)),
                Ok(seen) => {
                    let stop = self.observe(&seen).err();
                    each(&seen, &self.replay);
                    troubles.extend(stop.map(Trouble::Unexplained));
                }
            }
        }
        troubles
    }

    /// Takes in what was read.
    fn take(
        &mut self,
        read: Vec<Result<Seen, BadLine>>,
        prefix: &str,
        each: &mut dyn FnMut(&Seen, &Replay<'_>),
    ) -> Vec<Stop> {
        let mut stops = Vec::new();
        for seen in read {
            match seen {
                Err(bad) if self.bad_lines.len() < BAD_LINES_MAX => self.bad_lines.push(bad),
                Err(_) => {}
                Ok(mut seen) => {
                    if !self.only.is_empty() && !self.only.contains(&seen.process) {
                        if self.left_out.len() < LEFT_OUT_MAX {
                            self.left_out.insert(seen.process);
                        }
                        continue;
                    }
                    seen.process = match (prefix, seen.process.as_str()) {
                        ("", _) => seen.process,
                        (prefix, "") => prefix.to_owned(),
                        (prefix, process) => format!("{prefix}: {process}"),
                    };
                    if self.stopped.contains(&seen.process) {
                        continue;
                    }
                    let stop = self.observe(&seen).err();
                    each(&seen, &self.replay);
                    stops.extend(stop);
                }
            }
        }
        stops
    }

    fn observe(&mut self, seen: &Seen) -> Result<(), Stop> {
        self.seen += 1;
        self.has_late_events |= seen.is_late;
        if !self.concerned.contains(&seen.process) && self.replay.concerns(&seen.observation) {
            self.concerned.insert(seen.process.clone());
        }
        if !self.processes.contains(&seen.process) {
            self.processes.insert(seen.process.clone());
            if self.is_attached {
                // Nothing has been seen of it, so nothing can be against it.
                let _ = self.replay.observe(&seen.process, &Observation::Started(Start::LongAgo));
            }
        }
        self.replay.observe_at(&seen.process, seen.time, &seen.observation).map_err(|error| {
            self.stopped.insert(seen.process.clone());
            let whose = if seen.process.is_empty() { String::new() } else { format!(" of `{}`", seen.process) };
            let what = match error.gave_up() {
                true => {
                    format!("{}{whose} cannot be judged: {error}; it is not known whether this is a run", seen.words)
                }
                false => format!("{}{whose} is not explained: {error}", seen.words),
            };
            let process = seen.process.clone();
            let is_event = matches!(seen.observation, Observation::Published(_) | Observation::Changed(_));
            Stop { line: seen.line, process, is_event, gave_up: error.gave_up(), what, instead: error.instead() }
        })
    }
}

fn is_rare_event(table: &Table, name: &str) -> bool {
    table.machines.iter().flat_map(|machine| &machine.facts).any(|fact| fact.is_rare && fact.name == name)
}
