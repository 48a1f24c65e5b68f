//! Is this recording a run of the table?
//!
//! A recording shows commands, replies and published statuses; it does not show evidence, messages and internal
//! states. So each process is followed as the set of everything that may be true of it: where its machines are, which
//! facts are pending, which guards hold. What is not seen may happen at any time; what is seen leaves only those
//! possibilities that it fits. When none is left, no run explains the recording, and what was possible just before
//! says why.
//!
//! How a process is understood:
//!
//! - It holds all machines of the table, and a published status may come from any of them.
//! - A status is published in the moment of the change: what is seen after it was true after it. (`qmp-shell` shows
//!   events when it is asked for them. On request they may come late; then only their order is judged.)
//! - A command is carried out at some moment between its sending and its reply, in the order of sending but for
//!   commands out of band. It is put to every machine that knows it; if none takes it and one ignores it, it succeeds.
//! - A command that was taken may still be answered with an error, if evidence that carries a cause has come in between.
//! - Text of errors is not compared.
//! - The status in a reply is that of the first machine, in the order of the table, that shows another than at first.
//! - Evidence that the table calls rare is not assumed, because with it almost anything could be explained.
//! - Each process is followed by itself. Two sockets have no common order, so what one process shows says nothing
//!   about what the other can have done by then.
//! - Statuses are published while the capability `events` is on.
//! - Who shows no command that could change anything only looks on: then others may give commands, and the process may
//!   have begun long ago.
//!
//! Of all runs that explain a recording one can be had, and what is certain of it: see [`Replay::runs`].
//!
//! No I/O here, and no JSON: whoever reads a recording retells it as [`Observation`]s.

mod answered;
mod arrivals;
mod cache;
mod closure;
mod config;
mod late;
mod live;
pub mod log;
mod memo;
mod names;
mod numbers;
mod observation;
mod process;
mod request;
mod settings;
mod start;
mod step;
mod told;
mod unexplained;
pub mod walk;
mod way;
mod whereabouts;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use arrivals::Mail;
use memo::Memo;
use migration_table::model::{Table, Wire};
use names::Names;
use process::{Assumptions, Process};
use request::Request;
use step::Rules;

pub use arrivals::Arrivals;
pub use observation::{Command, Observation, Reply, Start};
pub use process::run::{Run, Taken};
pub use unexplained::Unexplained;
pub use whereabouts::Whereabouts;

/// How a process is asked for the status that a table is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The command.
    pub command: String,
    /// The member of the reply that holds the status.
    pub member: String,
}

/// Returns how a process is asked for the status that this table is about: as its key `qmp` says, else as QEMU is.
#[must_use]
pub fn query_of(table: &Table) -> Query {
    let Wire { query, member, .. } = Names::of(table).wire;
    Query { command: query, member }
}

/// A recording that is being followed.
#[derive(Clone, Debug)]
pub struct Replay<'t> {
    table: &'t Table,
    /// The names of the wire.
    names: Names,
    assumptions: Assumptions,
    arrivals: Option<Arrivals>,
    /// The rules of a process of which nothing was seen yet, and what was found out of all processes.
    rules: Rules<'t>,
    memo: Memo,
    processes: BTreeMap<String, Process<'t>>,
    /// How much was seen.
    seen: usize,
    /// Runs of processes that have begun anew since.
    past: Vec<Run>,
}

impl<'t> Replay<'t> {
    /// Follows a recording as a run of this table, which need not be sound.
    #[must_use]
    pub fn new(table: &'t Table) -> Replay<'t> {
        let assumptions = Assumptions::default();
        Replay {
            table,
            names: Names::of(table),
            assumptions,
            arrivals: None,
            rules: Rules::of(table),
            memo: Memo::default(),
            processes: BTreeMap::new(),
            seen: 0,
            past: Vec::new(),
        }
    }

    /// Takes it that these rare events may have happened, in processes of which nothing has been seen yet.
    #[must_use]
    pub fn assuming(mut self, events: &[String]) -> Replay<'t> {
        self.assumptions.events.extend_from_slice(events);
        self
    }

    /// Takes it that others may give commands that are not seen, and may set capabilities, in processes of which nothing
    /// has been seen yet.
    #[must_use]
    pub fn with_unseen_commands(mut self) -> Replay<'t> {
        self.assumptions.unseen_commands = true;
        self
    }

    /// Takes it that a published status may be seen later than what came after it, if in the order of publication, in
    /// processes of which nothing has been seen yet.
    #[must_use]
    pub fn with_late_events(mut self) -> Replay<'t> {
        self.assumptions.late_events = true;
        self
    }

    /// Keeps the ways on which everything came about, so that [`Replay::runs`] knows them, in processes of which nothing
    /// has been seen yet.
    #[must_use]
    pub fn tracing(mut self) -> Replay<'t> {
        self.assumptions.traces = true;
        self
    }

    /// Takes it that messages of the table arrive only where another process can have sent them, in processes of which
    /// nothing has been seen yet.
    #[must_use]
    pub fn with_arrivals(mut self, arrivals: Arrivals) -> Replay<'t> {
        self.arrivals = Some(arrivals);
        self
    }

    /// Returns when each process can have sent its messages at the earliest; `skew` says how far the clocks of the
    /// recordings may be apart, in seconds.
    #[must_use]
    pub fn arrivals(&self, skew: f64) -> Arrivals {
        let mails: Vec<_> = self.processes.iter().map(|(name, process)| (name.as_str(), process.mail())).collect();
        Arrivals::of(mails.iter().map(|(name, mail)| (*name, mail)), skew)
    }

    /// Returns whether what one process can have sent was held against what another has shown: some message of the table
    /// could not have arrived when something was seen.
    #[must_use]
    pub fn is_judged_together(&self) -> bool {
        self.processes.values().any(Process::is_judged_together)
    }

    /// Returns whether what was seen means anything to the table: it is a status, or a command that the table knows.
    #[must_use]
    pub fn concerns(&self, observation: &Observation) -> bool {
        match observation {
            Observation::Published(_) | Observation::Changed(_) => true,
            Observation::Command(command) => Request::of(self.table, &self.names, true, command.clone()).is_some(),
            Observation::Started(_)
            | Observation::Reply { .. }
            | Observation::Decided { .. }
            | Observation::Ending
            | Observation::Exited => false,
        }
    }

    /// Takes in what was seen next of a process. One that is new is taken to have begun fresh, or listening.
    ///
    /// # Errors
    ///
    /// When no run of the table explains it. Nothing has changed then, so another observation may be tried instead.
    pub fn observe(&mut self, process: &str, observation: &Observation) -> Result<(), Unexplained> {
        self.observe_at(process, None, observation)
    }

    /// The same at a time, in seconds, if the recording says it.
    ///
    /// # Errors
    ///
    /// As [`Replay::observe`].
    pub fn observe_at(
        &mut self,
        process: &str,
        time: Option<f64>,
        observation: &Observation,
    ) -> Result<(), Unexplained> {
        let name = process;
        let process = match self.processes.entry(name.to_owned()) {
            Entry::Vacant(vacant) => {
                let mail = Mail::of(self.table, name, self.arrivals.as_ref());
                let (rules, memo) = (&self.rules, self.memo.elsewhere());
                vacant.insert(Process::new(rules, memo, &Start::FreshOrListening, &self.assumptions, mail))
            }
            Entry::Occupied(occupied) => {
                let process = occupied.into_mut();
                if matches!(observation, Observation::Started(_)) {
                    self.past.extend(process.run(name));
                }
                process
            }
        };
        process.observe_at(self.seen, time, observation)?;
        self.seen += 1;
        Ok(())
    }

    /// Returns where each machine of a process may be, in the order of the table; nothing before the process was seen.
    #[must_use]
    pub fn whereabouts(&self, process: &str) -> Vec<Whereabouts> {
        self.processes.get(process).map(Process::whereabouts).unwrap_or_default()
    }

    /// Returns whether some process is only explained as one that began before it was looked at, or that others command.
    #[must_use]
    pub fn is_only_looked_on(&self) -> bool {
        self.processes.values().any(|process| process.is_looked_on)
    }

    /// What was published without a reason although every run that explains it gives one: the statuses with their reasons,
    /// as they should have been told.
    #[must_use]
    pub fn unreasoned(&self) -> BTreeSet<&str> {
        self.processes.values().flat_map(|process| &process.unreasoned).map(String::as_str).collect()
    }

    /// A shortest run for each process that explains what was seen of it, if [`Replay::tracing`] was asked for: first
    /// those of processes that have begun anew since, then the others by name. What is not seen may be otherwise: see
    /// [`Taken::is_certain`].
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let present = self.processes.iter().filter_map(|(name, process)| process.run(name));
        self.past.iter().cloned().chain(present).collect()
    }
}
