//! What a comparison has to say: verdicts, and changes. Plain data, which every report and page is made of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::public::{Label, Settings};
use migration_table::Span;

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

impl Headline {
    /// The headline for what is added and what is lost.
    #[must_use]
    pub fn of(added: bool, lost: bool) -> Headline {
        match (added, lost) {
            (false, false) => Headline::Identical,
            (true, false) => Headline::Extended,
            (false, true) => Headline::Restricted,
            (true, true) => Headline::Incomparable,
        }
    }

    /// The headline of two together.
    #[must_use]
    pub fn and(self, other: Headline) -> Headline {
        Headline::of(self.adds() || other.adds(), self.loses() || other.loses())
    }

    /// Whether something is added.
    #[must_use]
    pub fn adds(self) -> bool {
        matches!(self, Headline::Extended | Headline::Incomparable)
    }

    /// Whether something is lost.
    #[must_use]
    pub fn loses(self) -> bool {
        matches!(self, Headline::Restricted | Headline::Incomparable)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Headline::Identical => "identical",
            Headline::Extended => "extended",
            Headline::Restricted => "restricted",
            Headline::Incomparable => "incomparable",
        }
    }
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

impl Level {
    /// Its name in options, reports and pages, which is that of what it means.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Level::Note => "note",
            Level::Warn => "warn",
            Level::Break => "break",
        }
    }

    /// Its name at the head of a message, which is that of a finding about a table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::Note => "note",
            Level::Warn => "warning",
            Level::Break => "error",
        }
    }
}

/// One difference, as a rule reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The rule: `event-new-successor`.
    pub rule: &'static str,
    /// The machine; none if it is about the vocabulary.
    pub machine: Option<String>,
    /// The machines whose clients it concerns; empty if these are all.
    pub machines: BTreeSet<String>,
    /// What it is about: `active -> device`. With rule, machine and `when` it is the key of an approval.
    pub subject: String,
    /// The settings under which it can be seen, over the settings that both sides know.
    pub when: Settings,
    /// The same for people: `always`, `not pause-before-switchover`.
    pub condition: String,
    /// The most that it matters to an observer that is promised compatibility; to every class, if no observer is
    /// declared. What breaks only a client that is not promised anything is a warning.
    pub level: Level,
    /// The observers that cannot live with it.
    pub breaks: BTreeSet<String>,
    /// The classes of these, by the name that [`super::ObserverClass::name`] gives them, each with how much it matters: a break if
    /// an observer of the class is promised compatibility, else a warning. An approval covers those that it names.
    pub broken: BTreeMap<String, Level>,
    /// The observers that see it.
    pub seen_by: BTreeSet<String>,
    /// One line: ``after `setup active` a client can now see `device` ``.
    pub message: String,
    /// The shortest sequence that shows it, in the nearest observer's eyes; empty if it is about names alone. One side
    /// can show it and the other cannot: what is new can be shown by the new side, what is lost by the old one. An
    /// outcome that is lost has the way to the place where it is.
    pub evidence: Vec<Step>,
    /// How many of the last steps of the evidence come again and again.
    pub repeated: usize,
    /// The ways on which a client first comes to the difference, in words, without its last step. An approval covers those
    /// that it names. There are none for a rule about names and promises, whose findings hold on all ways.
    pub ways: BTreeSet<String>,
    /// What could follow before, and what can follow now.
    pub before: Vec<String>,
    /// See `before`.
    pub now: Vec<String>,
    /// The place in the new table, if the new side came from one.
    pub place: Option<Span>,
}

impl Change {
    /// Returns whether the difference is found only behind a step that the old side does not know, which is a finding of its
    /// own.
    #[must_use]
    pub fn is_assumed(&self) -> bool {
        self.evidence.iter().any(|step| step.assumed)
    }
}

/// One step of a sequence of evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What is observed; none if the last thing is that nothing more comes, or if the client changes settings.
    pub label: Option<Label>,
    /// The settings that the client changes, each with whether it is on now.
    pub set: Vec<(String, bool)>,
    /// Whether the old side does not know it here, but the walk went on as if it were accepted, so that one change
    /// does not hide the next.
    pub assumed: bool,
}

impl Step {
    /// Returns the change of settings that the client makes here, in words: `deep on, multifd off`; `None` if it makes none.
    #[must_use]
    pub fn changes(&self) -> Option<String> {
        let words = |(name, is_on): &(String, bool)| format!("{name} {}", if *is_on { "on" } else { "off" });
        (!self.set.is_empty()).then(|| self.set.iter().map(words).collect::<Vec<_>>().join(", "))
    }
}

/// Everything that a comparison found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Both sides as a whole, their names and settings included.
    pub headline: Headline,
    /// For every machine and every observer, the five classes first.
    pub verdicts: Vec<Verdict>,
    /// The differences, in the order of rule, machine, subject.
    pub changes: Vec<Change>,
}

impl Report {
    /// Whether an observer can live with the new side, before approvals.
    #[must_use]
    pub fn is_compatible(&self, observer: &str) -> bool {
        let of_observer = self.verdicts.iter().filter(|verdict| verdict.observer == observer);
        of_observer.clone().all(|verdict| verdict.compatible)
            && !self.changes.iter().any(|change| change.breaks.contains(observer))
    }
}

/// A comparison has more cases than anybody wants to wait for. Nothing is said about the two sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompareError {
    /// The machine whose behaviours are too large.
    pub machine: String,
}

impl fmt::Display for CompareError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "what a client can see of machine `{}` has too many cases to compare; fewer capabilities that decide its rows, or \
             fewer states that hidden guards choose between, make it smaller",
            self.machine
        )
    }
}

impl std::error::Error for CompareError {}
