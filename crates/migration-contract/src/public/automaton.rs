//! Deterministic automata over what a client observes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use migration_table::Span;

/// A deterministic automaton over observations; state 0 is the initial one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Automaton {
    /// Its states.
    pub states: Vec<AutomatonState>,
}

/// A state of an automaton: everything that the machine may be in after the same observations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutomatonState {
    /// What a query may show here.
    pub shows: BTreeSet<Shown>,
    /// Whether nothing more may come from here unless a command comes: the machine is idle, waits without a time limit
    /// for a command or for its peer, or shows nothing more whatever its work reports.
    pub rests: bool,
    /// Whether the attempt may be over here: some state that this stands for is idle.
    pub ends: bool,
    /// Whether the machine may be trapped here: from some state that this stands for, which is not idle, no idle state
    /// can be reached without a further command.
    pub trapped: bool,
    /// What can be observed next.
    pub edges: BTreeMap<Label, Edge>,
    /// The queries whose answer tells more than the status, by what they show.
    pub queries: BTreeMap<Shown, Query>,
}

impl AutomatonState {
    /// Returns what a query that shows this tells in this state, whose number is `here`.
    #[must_use]
    pub fn query(&self, here: usize, shown: &Shown) -> Query {
        self.queries.get(shown).copied().unwrap_or(Query { to: here, rests: self.rests })
    }

    /// Sets what a query that shows this tells. Nothing is kept of one that leaves everything as it is.
    pub(crate) fn set_query(&mut self, here: usize, shown: &Shown, query: Query) {
        self.queries.remove(shown);
        if query != self.query(here, shown) {
            self.queries.insert(shown.clone(), query);
        }
    }
}

/// What the answer to a query tells. A query is answered while the machine takes commands, so it excludes that something
/// is about to be published, and every place that shows something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Query {
    /// The state of the automaton after it.
    pub to: usize,
    /// Whether nothing more may come where this is shown.
    pub rests: bool,
}

/// What a client is shown: a status, and why the attempt ends, once a reason was given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shown {
    /// The status.
    pub status: String,
    /// The reason that is kept.
    pub reason: Option<String>,
}

impl Shown {
    /// A status without a reason.
    pub fn status(status: impl Into<String>) -> Shown {
        Shown { status: status.into(), reason: None }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Some(reason) => write!(out, "{} because {reason}", self.status),
            None => out.write_str(&self.status),
        }
    }
}

/// What follows an observation.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The state of the automaton.
    pub to: usize,
    /// The rows of the table, and for a reply its answers, that make it possible; empty if the automaton was read from
    /// a lock. They are evidence for people and no part of the behaviour: two edges are equal if they lead to one state.
    pub places: Vec<Span>,
}

impl PartialEq for Edge {
    fn eq(&self, other: &Edge) -> bool {
        self.to == other.to
    }
}

impl Eq for Edge {}

/// One observation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// The `MIGRATION` event with this status, and with the reason if one is kept.
    Event(Shown),
    /// A command and its reply. The command is written with the arguments that tell its triggers apart, in the order
    /// of their names: `migrate`, `migrate resume=true`.
    Reply(String, Reply),
}

impl Label {
    /// The status or the command.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Label::Event(Shown { status, .. }) => status,
            Label::Reply(command, _) => command,
        }
    }

    /// The command, if it is a reply.
    pub(crate) fn command(&self) -> Option<&String> {
        match self {
            Label::Event(_) => None,
            Label::Reply(command, _) => Some(command),
        }
    }
}

/// How a command is answered. A command that is accepted and one that is ignored look the same at first; what follows
/// tells them apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// With success.
    Success,
    /// With an error of this class.
    Error(String),
}
