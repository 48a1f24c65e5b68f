//! The public side as data: its vocabulary, its promises, and the behaviour of every machine.

use std::collections::{BTreeMap, BTreeSet};

use migration_table::model::{Channel, Promise, Repeat, Unknown, Was};

use super::automaton::Automaton;
use super::changes::Changes;
use crate::public::settings::Settings;

/// The public side of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Public {
    /// Name of the table.
    pub table: String,
    /// The vocabulary, by the name on the wire: every declared status.
    pub statuses: BTreeMap<String, PublicName>,
    /// Why attempts end, by the name on the wire: every declared reason.
    pub reasons: BTreeMap<String, PublicName>,
    /// The commands, as [`Label`](super::automaton::Label) writes them: every declared one.
    pub commands: BTreeMap<String, PublicName>,
    /// The settings that a client makes before an attempt: capabilities, and `parameter=value`.
    pub settings: BTreeSet<String>,
    /// What else clients write and read, such as the name of the event that carries the status. Locks had no terms once,
    /// and then only those that the table gave: without [`Term::Event`], what is not here is not known.
    pub terms: BTreeMap<Term, String>,
    /// Where a command that succeeds is always carried out, although the machine stays as it is. Locks had none once.
    pub handled: BTreeSet<Handled>,
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

/// Something that clients write or read, and that is no word of the vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// The event that carries the status.
    Event,
    /// The member of the event and of the reply that holds the status.
    Member,
    /// The member that holds the reason.
    Reason,
    /// The command that asks for the status.
    Query,
    /// The capability that switches the event on.
    Capability,
    /// The argument by which a client of this command says which status it expects.
    Argument(String),
    /// When this setting is taken: see [`FOR_AN_ATTEMPT`] and [`AT_ANY_TIME`].
    Setting(String),
    /// A member or an argument of this name, which tells apart several machines in one process. Its text is the name.
    Subject(String),
}

/// A command that the host carries out while a status is shown: no state that shows it answers with success and does
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Handled {
    /// The name of the machine.
    pub machine: String,
    /// The command, as [`Label`](super::automaton::Label) writes it.
    pub command: String,
    /// The status.
    pub status: String,
}

/// A setting that is taken when an attempt begins, and kept until it ends.
pub const FOR_AN_ATTEMPT: &str = "attempt";

/// A setting that is looked at again at every step.
pub const AT_ANY_TIME: &str = "step";

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
    /// The release that first had it; only statuses and reasons say so.
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
    /// The settings that its behaviour depends on, sorted. A [`SettingId`](super::SettingId) is an index into
    /// them.
    pub settings: Vec<String>,
    /// The behaviours, no two of which are equal; for every setting exactly one. That for "nothing is set" comes first,
    /// the others in the order of the smallest setting that gives them.
    pub behaviours: Vec<Behaviour>,
    /// What a client sees that changes settings.
    pub changes: Changes,
}

/// A behaviour, and the settings that give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// The settings under which the machine behaves so.
    pub under: Settings,
    /// What it can show then.
    pub automaton: Automaton,
}
