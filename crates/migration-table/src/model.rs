//! The resolved table: names have become indices, groups have become states, formulas have become conditions.
//!
//! Only a table without errors reaches this form (see [`crate::load()`]), so everything that reads it may index freely.

mod condition;
mod id;
mod joint;
mod lookup;
mod public;
mod wire;

pub use condition::{Condition, Cube};
pub use id::{FactId, FactSet, Id, IdSet, Ids, MessageId, ReasonId, ResourceId, StateId, StatusId};
pub use joint::{Act, Claim, Marker, Property};
pub use public::{
    Anchor, Channel, Deprecation, Guarantee, Observer, Promise, Qmp, Reason, Repeat, Reserved, Status, Unknown, Was,
};
pub use wire::Wire;

use crate::span::Span;

/// A whole table: the shared vocabulary and the machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Name of the table (`machine:` at its top).
    pub name: String,
    /// The frozen vocabulary, in the order of the file.
    pub statuses: Vec<Status>,
    /// Why attempts end, in the order of the file.
    pub reasons: Vec<Reason>,
    /// Control messages between the machines, in the order of the file.
    pub messages: Vec<Message>,
    /// What states can hold, in the order of the file.
    pub resources: Vec<Resource>,
    /// The machines, in the order of the file.
    pub machines: Vec<Machine>,
    /// The triggers that no machine has to do with, in the order of the file.
    pub unused: Vec<Fact>,
    /// For how many releases a deprecated name stays before it may go.
    pub deprecated_for: u16,
    /// Under which names QMP tells clients the status.
    pub qmp: Qmp,
    /// Kinds of clients that are promised compatibility, in the order of the file.
    pub observers: Vec<Observer>,
    /// Names that were public once, in the order of the file.
    pub reserved: Vec<Reserved>,
    /// Promises about order and endings, in the order of the file.
    pub guarantees: Vec<Guarantee>,
    /// What hosts remember beyond their state, machine by machine.
    pub markers: Vec<Marker>,
    /// What an operator may do to a host, in the order of the file.
    pub acts: Vec<Act>,
    /// What the machines keep together, in the order of the file.
    pub properties: Vec<Property>,
    /// What is silenced, in the order of the file.
    pub allowances: Vec<Allowance>,
}

/// A check whose findings at one place do not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The code of the check, as it is written.
    pub code: String,
    /// Why its findings do not matter there.
    pub because: String,
    /// Where the code stands.
    pub span: Span,
    /// The text in which findings are silenced: the declaration that the code stands in, its name included, or the
    /// whole table.
    pub places: Vec<std::ops::Range<usize>>,
}

impl Allowance {
    /// Whether a finding here is silenced.
    #[must_use]
    pub fn covers(&self, span: Span) -> bool {
        self.places.iter().any(|place| place.contains(&span.start))
    }
}

/// A control message between two machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its name in the table.
    pub name: String,
    /// Its number on the wire.
    pub number: u16,
    /// Name of the machine that sends it.
    pub from: String,
    /// Name of the machine whose event it is.
    pub to: String,
    /// Name of the event that the sender reports when it cannot be sent; none where sending is best effort.
    pub unsent: Option<String>,
    /// Whether it carries a cause (a text for people).
    pub carries_cause: bool,
    /// One line for people.
    pub doc: String,
    /// Where it is declared.
    pub span: Span,
}

/// Something that exists while a machine is in certain states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its name in the table.
    pub name: String,
    /// One line for people.
    pub doc: String,
    /// Where it is declared.
    pub span: Span,
}

/// One role of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its name: `source`, `destination`.
    pub name: String,
    /// One line for people.
    pub doc: String,
    /// Where it is declared.
    pub span: Span,
    /// The facts that this machine knows: triggers first, then events, then messages to it, then guards;
    /// within a kind in the order of the file.
    pub facts: Vec<Fact>,
    /// Facts whose rows win over others, strongest first.
    pub precedence: Vec<FactId>,
    /// Its states, in the order of the file.
    pub states: Vec<State>,
    /// The state it starts in.
    pub initial: StateId,
    /// Its groups, in the order of the file.
    pub groups: Vec<Group>,
    /// Its rows, in the order of the file.
    pub rows: Vec<Row>,
    /// What it answers to triggers that no row takes, in the order of the file.
    pub answers: Vec<AnswerRow>,
    /// The states of the normal course, each once.
    pub happy_path: Vec<StateId>,
    /// Whether the path comes back from its last state to its first, as that of a machine which serves one after the other.
    pub path_comes_back: bool,
    /// Where each state of [`Machine::happy_path`] is named; one place more where the path comes back.
    pub path_spans: Vec<Span>,
}

/// What a fact is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// A command of the user.
    Trigger {
        /// The QMP command, for example `migrate_cancel`.
        command: String,
        /// Arguments that tell this trigger from others with the same command, as `(name, value)` in the order of the file.
        with: Vec<(String, String)>,
        /// What the command must pass before the machine is asked.
        admission: Admission,
        /// That the command is to go, if it is.
        deprecated: Option<Deprecation>,
        /// The command it was before, if it was renamed.
        renamed_from: Option<String>,
    },
    /// Evidence that the work reports.
    Event,
    /// A message from the peer; an event of this machine.
    Message(MessageId),
    /// A predicate that is asked when needed.
    Guard {
        /// The QMP capability behind it, if it is one.
        capability: Option<String>,
        /// The QMP migration parameter behind it, if it is one.
        parameter: Option<Parameter>,
        /// Whether it keeps its value for a whole attempt.
        fixed: bool,
    },
}

/// What a command must pass before it becomes a trigger. Whoever takes commands from the user asks this; the machine
/// never sees a command that did not pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admission {
    /// The argument that must name the status that is shown.
    pub expects: Option<String>,
    /// Names of guards one of which must hold when the command comes; none where it needs nothing.
    pub needs: Vec<String>,
    /// Why it may be refused in any state for reasons that are no part of the machine, if it may.
    pub veto: Option<String>,
}

/// A QMP migration parameter that decides a guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, for example `mode`.
    pub name: String,
    /// The value with which the guard holds; none where any value but an empty one will do.
    pub is: Option<String>,
}

/// A named bit of one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its name in the table.
    pub name: String,
    /// What it is.
    pub kind: FactKind,
    /// Whether it carries a cause (a text that says why).
    pub carries_cause: bool,
    /// Whether it is so rare that a recording is not explained by it unless one asks for that.
    pub is_rare: bool,
    /// Whether something other than the work reports it, so that it can come in an idle state too.
    pub is_outside: bool,
    /// One line for people.
    pub doc: String,
    /// Where it is declared.
    pub span: Span,
}

impl Fact {
    /// Whether it is a trigger.
    #[must_use]
    pub fn is_trigger(&self) -> bool {
        matches!(self.kind, FactKind::Trigger { .. })
    }

    /// Whether it is an event; messages from the peer are.
    #[must_use]
    pub fn is_event(&self) -> bool {
        matches!(self.kind, FactKind::Event | FactKind::Message(_))
    }

    /// Whether it is a guard.
    #[must_use]
    pub fn is_guard(&self) -> bool {
        matches!(self.kind, FactKind::Guard { .. })
    }

    /// Whether it is a guard that keeps its value for a whole attempt.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        matches!(self.kind, FactKind::Guard { fixed: true, .. })
    }
}

/// What goes on in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Nothing runs; a new attempt may start.
    Idle,
    /// The runtime has something to do.
    Work,
    /// A user or the peer must act.
    Wait,
    /// Everything is being released.
    Cleanup,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Kind; 4] = [Kind::Idle, Kind::Work, Kind::Wait, Kind::Cleanup];

    /// Its name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Idle => "idle",
            Kind::Work => "work",
            Kind::Wait => "wait",
            Kind::Cleanup => "cleanup",
        }
    }
}

/// Where a machine can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Its name in the table.
    pub name: String,
    /// What goes on in it.
    pub kind: Kind,
    /// What a client is shown.
    pub shows: StatusId,
    /// What exists while in it, sorted.
    pub holds: Vec<ResourceId>,
    /// How long the peer may give no sign of life.
    pub timeout: Option<Timeout>,
    /// How long a visit may last, whatever the peer does.
    pub timer: Option<Timeout>,
    /// Whether the table says why nothing bounds a visit: T0419 is silenced there.
    pub may_stay: bool,
    /// Whether entering it opens a new connection to the peer within the attempt. What the old one carried is lost.
    pub reconnects: bool,
    /// One line for people.
    pub doc: String,
    /// Where it is declared.
    pub span: Span,
}

impl State {
    /// Returns the bounds on the time in the state: of silence, and of the whole visit.
    pub fn bounds(&self) -> impl Iterator<Item = Timeout> {
        self.timeout.into_iter().chain(self.timer)
    }

    /// Returns whether some bound ends a visit of the state.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        self.timeout.is_some() || self.timer.is_some()
    }
}

/// A bound on time: of silence, or of a whole visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    /// The event that is reported when it runs out.
    pub event: FactId,
    /// How long, in milliseconds.
    pub after_ms: u32,
}

/// A named set of states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name in the table.
    pub name: String,
    /// Its states, sorted, without repetition.
    pub states: Vec<StateId>,
    /// Where it is declared.
    pub span: Span,
}

/// One case of a line of `transitions:`: in one of these states, when these facts are such, go there.
///
/// A line whose formula has an `or` is as many rows as the formula has cases. A line that changes the status of some of
/// the states that it leaves is two, of which one publishes. [`Machine::lines`] puts them together again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The states it leaves, sorted, without repetition.
    pub from: Vec<StateId>,
    /// Names in `from:` of the line as they are written: a state, a group or a kind each.
    pub from_names: Vec<String>,
    /// Names in `except:` of the line as they are written.
    pub except_names: Vec<String>,
    /// The formula of the line, as it is written.
    pub when: String,
    /// The case of the formula that this row is, in words; the formula as it is written, if that has one case.
    pub case: String,
    /// What the case means.
    pub condition: Condition,
    /// The case as facts that are there and facts that are not; none if it contradicts itself.
    pub cubes: Vec<Cube>,
    /// The facts that the case mentions.
    pub mentions: FactSet,
    /// The state it enters.
    pub to: StateId,
    /// Whether it publishes. It does where it changes the status.
    pub public: bool,
    /// Why the attempt ends, which is kept if it is the first reason that the attempt is given.
    pub reason: Option<ReasonId>,
    /// Triggers that are given up when it fires.
    pub drops: FactSet,
    /// Messages that are sent when it fires, in the order of the row.
    pub sends: Vec<MessageId>,
    /// Index into [`Machine::precedence`] of the strongest fact that the row needs; the length of the list if none.
    pub rank: usize,
    /// Where the line stands. Rows with one place are the cases of one line.
    pub span: Span,
    /// Where the formula stands.
    pub when_span: Span,
    /// Where the name of the state it enters stands.
    pub to_span: Span,
}

/// The class of an error that is nothing in particular.
pub const GENERIC_ERROR: &str = "GenericError";

/// What a machine says to a trigger that no row takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    /// The states it is for, sorted, without repetition.
    pub states: Vec<StateId>,
    /// Whether its line has `except:`.
    pub has_except: bool,
    /// The trigger it is for.
    pub trigger: FactId,
    /// The answer; never `Accept`.
    pub answer: Answer,
    /// The class of the error that a refusal is, where the table says one.
    pub class: Option<String>,
    /// Where the row stands.
    pub span: Span,
}

/// What a machine says to a trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is taken; the machine advances.
    Accept,
    /// Success, and nothing happens.
    Ignore,
    /// Success: the host carries the command out, and the machine stays as it is.
    Handle,
    /// An error, with the reason, and nothing happens. The reason is empty where the table gives none.
    Refuse(String),
}
