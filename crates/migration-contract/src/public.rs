//! What a client can observe of a table: the side that is frozen.
//!
//! A [`Public`] is the table with everything internal contracted. It is computed from a table, written down as a lock
//! file, and read back from one; the comparison sees nothing else, so what is not in here may change freely.
//!
//! A machine behaves as an automaton over what a client sees: the events that it publishes and the replies to
//! commands, one automaton for each setting of the public capabilities. The automata are deterministic and minimal,
//! and their states are numbered in the order of a search in breadth from the initial one, so two machines that no
//! client can tell apart have equal automata.
//!
//! How observations are ordered: a command is answered while the machine rests, its reply comes first and what it
//! publishes follows. A machine that is about to publish takes no command before it has.

pub mod lock;
mod project;
pub mod promise;

use std::collections::{BTreeMap, BTreeSet};

use migration_table::Span;
use migration_table::condition::Cube;
use migration_table::model::{Channel, Promise, Repeat, Unknown, Was};

pub use project::{
    CASES_MAX, CONFIGURATIONS_MAX, EDGES_MAX, HIDDEN_MAX, MEMBERS_MAX, SETS_MAX, STEPS_MAX, Taken, TooLarge, command,
    project, project_machine, setting, taken,
};

/// The public side of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Public {
    /// Name of the table.
    pub table: String,
    /// The vocabulary, by the name on the wire: every declared status that some machine can show.
    pub statuses: BTreeMap<String, PublicName>,
    /// The commands, as [`Label`] writes them.
    pub commands: BTreeMap<String, PublicName>,
    /// The settings that a client makes before an attempt: capabilities, and `parameter=value`.
    pub settings: BTreeSet<String>,
    /// For how many releases a deprecated name stays before it may go.
    pub deprecated_for: u16,
    /// The kinds of clients that are promised compatibility, by name.
    pub observers: BTreeMap<String, PublicObserver>,
    /// Names that were public once and can never be used again, with the release that first did without.
    pub reserved: BTreeMap<(Was, String), String>,
    /// The promises about order and endings, by name.
    pub guarantees: BTreeMap<String, PublicGuarantee>,
    /// The machines, in the order of their names.
    pub machines: Vec<PublicMachine>,
}

/// A kind of client that is promised compatibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicObserver {
    /// How it learns of statuses.
    pub channel: Channel,
    /// What it does about a status that it does not know.
    pub unknown: Unknown,
    /// What it does about a status that is sent twice in a row. Means nothing to one that polls.
    pub repeat: Repeat,
    /// Whether what would break it fails the check of the public API.
    pub gate: bool,
}

/// A promise to clients about one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicGuarantee {
    /// The name of the machine.
    pub machine: String,
    /// What is promised. Endings are sorted, and none is there twice.
    pub promise: Promise,
}

/// A public name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicName {
    /// The release that first had it; only statuses say so.
    pub since: Option<String>,
    /// The release in which it was deprecated.
    pub deprecated: Option<String>,
    /// What it was called before.
    pub renamed_from: Option<String>,
}

/// What a client can observe of one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicMachine {
    /// Its name.
    pub name: String,
    /// The settings that its behaviour depends on, sorted. Bit `i` of a [`Settings`] is the `i`th of them.
    pub settings: Vec<String>,
    /// The behaviours, no two of which are equal; for every setting exactly one. That for "nothing is set" comes first,
    /// the others in the order of the smallest setting that gives them.
    pub behaviours: Vec<Behaviour>,
}

/// A behaviour, and the settings that give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// The settings under which the machine behaves so.
    pub under: Settings,
    /// What it can show then.
    pub automaton: Automaton,
}

/// A set of settings of the capabilities of a machine, as the fewest cases. One case without bits stands for all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Settings(pub Vec<Cube>);

/// How it is said that something does not depend on settings.
pub const ALWAYS: &str = "always";

impl Settings {
    /// Every setting.
    #[must_use]
    pub fn always() -> Settings {
        Settings(vec![Cube { set: 0, clear: 0 }])
    }

    /// In words, over the settings with these names, each written as `name` says: `not multifd and xbzrle or x-colo`.
    pub(crate) fn text(&self, names: &[String], name: impl Fn(&str) -> String) -> String {
        let case = |case: &Cube| {
            let literal = |(index, text): (usize, &String)| match (case.set >> index & 1, case.clear >> index & 1) {
                (1, _) => Some(name(text)),
                (_, 1) => Some(format!("not {}", name(text))),
                _ => None,
            };
            let literals: Vec<String> = names.iter().take(64).enumerate().filter_map(literal).collect();
            if literals.is_empty() { ALWAYS.to_owned() } else { literals.join(" and ") }
        };
        self.0.iter().map(case).collect::<Vec<_>>().join(" or ")
    }
}

/// A deterministic automaton over observations; state 0 is the initial one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Automaton {
    /// Its states.
    pub spots: Vec<Spot>,
}

/// A state of an automaton: everything that the machine may be in after the same observations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The statuses that a query may show here.
    pub shows: BTreeSet<String>,
    /// Whether the machine may rest here for ever unless a command comes: it is idle, waits without a time limit, or
    /// nothing that its work reports can lead on.
    pub rests: bool,
    /// Whether the attempt may be over here: some state that this stands for is idle.
    pub ends: bool,
    /// Whether the machine may be caught here: from some state that this stands for, which is not idle, no idle state
    /// can be reached without a further command.
    pub caught: bool,
    /// What can be observed next.
    pub edges: BTreeMap<Label, Edge>,
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
    /// The `MIGRATION` event with this status.
    Event(String),
    /// A command and its reply. The command is written with the arguments that tell its triggers apart, in the order
    /// of their names: `migrate`, `migrate resume=true`.
    Reply(String, Reply),
}

impl Label {
    /// The status or the command.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Label::Event(text) | Label::Reply(text, _) => text,
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
