//! What is composed: how many hosts, what the network and the environment may do, and what the table does not say.
//!
//! Everything here is plain data with names of the table in it; [`crate::Composition::new`] looks the names up.

use migration_table::model::{Act, Marker, Table};

/// The hosts of a composition, and what may happen to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// How many hosts run each machine that accepts a connection. The machine that opens it runs on one host.
    pub acceptors: usize,
    /// What bounds the search.
    pub bounds: Bounds,
    /// What the network may do to messages.
    pub network: Network,
    /// What is known of timeouts.
    pub clock: Clock,
    /// What a host remembers beyond its state.
    pub markers: Vec<Marker>,
    /// What an operator may do to a host without a command.
    pub acts: Vec<Act>,
    /// Events of one machine that are caused by a row of another.
    pub wires: Vec<Wire>,
    /// States that open a new connection within an attempt, as (machine, state).
    pub reconnects: Vec<(String, String)>,
    /// Triggers that nobody raises, events that do not happen and guards that never hold.
    pub without: Vec<String>,
    /// Machines of another release. A property may name what they do not have: they are never there, and it never
    /// happens to them.
    pub foreign: Vec<String>,
}

/// What bounds the search. A bound that is hit is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// How many messages of one direction can be on their way. A machine whose message does not fit waits.
    pub depth: usize,
    /// How often each host may begin an attempt.
    pub attempts: u8,
    /// How many hosts may be killed.
    pub kills: u8,
    /// How many configurations may be stored.
    pub configurations_max: usize,
}

/// What the network may do to messages. A host can hold its messages back for any time in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// A connection may break at any moment in either direction: what was sent last is lost, and so is what is sent
    /// afterwards.
    pub cut: bool,
    /// Any message may be lost alone.
    pub lose: bool,
    /// Any message may arrive twice.
    pub duplicate: bool,
    /// Two messages may change places.
    pub reorder: bool,
}

/// What is known of timeouts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clock {
    /// A timeout may run out at any moment.
    Untimed,
    /// Of two waits that began in order, the one that began first and is shorter ends first, by the numbers of the
    /// table. The second number must be greater by this margin, in milliseconds.
    Numbers {
        /// How much longer the second wait must be.
        margin_ms: u32,
    },
    /// Only these waits of an acceptor end before these waits of the other side, each as (machine, state).
    Orders(Vec<Order>),
}

/// That one wait ends before another that did not begin before it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Order {
    /// The machine and the state whose timeout runs out first.
    pub first: (String, String),
    /// The machine and the state whose timeout runs out later.
    pub second: (String, String),
}

/// An event of one machine that the work of another causes, where the table has no message for it: it is sent when a
/// row of the other machine fires, and reported when it arrives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wire {
    /// The machine whose row sends.
    pub from: String,
    /// States, groups or kinds that the row leaves. Empty for any.
    pub leaving: Vec<String>,
    /// States, groups or kinds that the row enters. Empty for any.
    pub entering: Vec<String>,
    /// A fact that the row mentions. `None` for any.
    pub on: Option<String>,
    /// The machine that receives.
    pub to: String,
    /// Its event that this becomes.
    pub event: String,
}

impl System {
    /// Returns whether a machine is that of another release.
    pub(crate) fn is_foreign(&self, machine: &str) -> bool {
        self.foreign.iter().any(|foreign| foreign == machine)
    }

    /// Returns the system that a table describes: its markers, and the acts of its operator.
    #[must_use]
    pub fn of(table: &Table) -> System {
        System { markers: table.markers.clone(), acts: table.acts.clone(), ..System::default() }
    }
}

impl Network {
    /// Whether single messages may be lost, doubled or overtaken.
    pub(crate) fn is_bad(self) -> bool {
        self.lose || self.duplicate || self.reorder
    }
}

impl Default for System {
    fn default() -> System {
        System {
            acceptors: 1,
            bounds: Bounds::default(),
            network: Network::default(),
            clock: Clock::Untimed,
            markers: Vec::new(),
            acts: Vec::new(),
            wires: Vec::new(),
            reconnects: Vec::new(),
            without: Vec::new(),
            foreign: Vec::new(),
        }
    }
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { depth: 2, attempts: 2, kills: 1, configurations_max: 20_000_000 }
    }
}

impl Default for Network {
    fn default() -> Network {
        Network { cut: true, lose: false, duplicate: false, reorder: false }
    }
}
