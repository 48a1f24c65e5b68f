//! Two public sides compared: can a client that was written against the old one live with the new one, and if not, what
//! exactly will it see?
//!
//! A client is an [`ObserverClass`]: what it looks at and what it does with what it does not know. For each of them the
//! old and the new automaton are walked together, in breadth, so that the first place where they differ is the nearest.
//! Outputs may only become fewer, commands may only be accepted more often, rests may not be added, and what was
//! inevitable stays so: Tretmans' ioco with the replies to commands as outputs, and a clause on progress. A rule is a
//! file: it looks at the places that the walk has found and says which of them are what.

use std::collections::BTreeSet;

use crate::public::{Label, Settings};
use crate::span::Span;

/// What a client sees, and what it does with what it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObserverClass {
    /// Whether it listens to events or asks for the status from time to time.
    pub channel: Channel,
    /// Whether it passes over a status that it does not know, or fails.
    pub unknown: Unknown,
    /// Whether the same status twice in a row is news to it; it never is to one that asks.
    pub repeat: Repeat,
}

/// Where a client looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// It is sent every event.
    Events,
    /// It asks, and any status between may be missed.
    Poll,
}

/// What a client does with a status that it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unknown {
    /// It goes on as if nothing had come.
    Skip,
    /// It fails.
    Fail,
}

/// What the same status twice in a row is to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Repeat {
    /// News.
    See,
    /// Nothing.
    Skip,
}

/// The answer for one machine and one kind of client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The machine.
    pub machine: String,
    /// The name of the observer: a class (`E!`, `E`, `El`, `P!`, `P`) or one that a table declares.
    pub observer: String,
    /// How the sets of things that can be seen relate.
    pub headline: Headline,
    /// Whether an old client can live with the new side, before approvals.
    pub compatible: bool,
}

/// How what can be seen of the new side relates to what could be seen of the old one, replies among it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Headline {
    /// Nothing is added and nothing is lost.
    Identical,
    /// Something is added, nothing is lost.
    Extended,
    /// Something is lost, nothing is added.
    Restricted,
    /// Something is added and something is lost.
    Incomparable,
}

/// How much a change matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Cannot be decided from the table, or hurts only a client that is not promised anything.
    Warn,
    /// A client that was promised compatibility cannot live with it.
    Break,
}

/// One difference, as a rule reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The rule: `event-new-successor`.
    pub rule: &'static str,
    /// The machine; none if it is about the vocabulary.
    pub machine: Option<String>,
    /// What it is about: `active -> device`. With rule, machine and `when` it is the key of an approval.
    pub subject: String,
    /// The settings under which it can be seen, over the settings that both sides know.
    pub when: Settings,
    /// The same for people: `always`, `not pause-before-switchover`.
    pub condition: String,
    /// The most that it matters to an observer that counts.
    pub level: Level,
    /// The observers that cannot live with it.
    pub breaks: BTreeSet<String>,
    /// The observers that see it.
    pub seen_by: BTreeSet<String>,
    /// One line: ``after `setup active` a client can now see `device` ``.
    pub message: String,
    /// The shortest sequence that shows it, in the nearest observer's eyes; empty if it is about the vocabulary.
    pub evidence: Vec<Step>,
    /// What could follow before, and what can follow now.
    pub before: Vec<String>,
    /// See `before`.
    pub now: Vec<String>,
    /// The place in the new table, if the new side came from one.
    pub place: Option<Span>,
}

/// One step of a sequence of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is observed; none if the last thing is that nothing more comes.
    pub label: Option<Label>,
    /// Whether the old side does not know it here, but the walk went on as if it were accepted, so that one change
    /// does not hide the next. The old side stays where it was.
    pub assumed: bool,
}

/// Everything that a comparison found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// For every machine and every observer, the five classes first.
    pub verdicts: Vec<Verdict>,
    /// The differences, in the order of rule, machine, subject.
    pub changes: Vec<Change>,
}
