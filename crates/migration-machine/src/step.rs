//! What a machine says of itself: answers to triggers, what became of evidence, every step for observers, and how an
//! attempt ended.

use std::fmt;

use crate::fact_set::FactSet;
use crate::role::{Answer, Role, Transition};
use crate::visit::Attempt;
use crate::word::Word;

/// The answer to a raised trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raised {
    /// It was taken, in this attempt.
    Accepted(Attempt),
    /// Success, and nothing happened.
    Ignored,
    /// Success: the caller carries the command out. The machine stayed as it was.
    Handled,
    /// An error, and nothing happened.
    Refused(Refusal),
}

/// Why a trigger was refused. It is displayed in the words of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    class: Option<&'static str>,
    because: String,
    state: &'static str,
    trigger: &'static str,
    accepted: Vec<&'static str>,
}

impl Refusal {
    pub(crate) fn new<R: Role>(trigger: R::Trigger, state: R::State, fixed: FactSet<R>, reason: &str) -> Self {
        let takes = |other: &&R::Trigger| R::answer(state, **other, fixed) == Answer::Accept;
        let accepted = R::Trigger::ALL.iter().filter(takes).map(|other| other.name()).collect();
        let (class, because) = (R::refusal_class(state, trigger), reason.to_owned());
        Self { class, because, state: state.name(), trigger: trigger.name(), accepted }
    }

    /// Returns the same words, in which `named` gives each trigger its name for the user: a command, say.
    #[must_use]
    pub fn in_terms_of(&self, kind: &str, named: impl Fn(&str) -> String) -> String {
        let accepted: Vec<String> = self.accepted.iter().map(|other| named(other)).collect();
        let accepted = if accepted.is_empty() { "nothing".to_owned() } else { accepted.join(", ") };
        let (trigger, state) = (named(self.trigger), self.state);
        let rule = format!("{kind} {trigger} is refused in state `{state}` (accepted: {accepted})");
        if self.because.is_empty() { rule } else { format!("{}: {rule}", self.because) }
    }

    /// Returns the class of the error, for programs, where the table names one.
    #[must_use]
    pub fn class(&self) -> Option<&'static str> {
        self.class
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_terms_of("trigger", |name| format!("`{name}`")))
    }
}

/// What became of reported evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It changed the state.
    Fired,
    /// It is remembered; no transition is enabled yet.
    Pending,
    /// Its visit is over; nothing happened.
    Stale,
}

/// What became of an event that something outside reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noticed {
    /// What became of it.
    pub evidence: Evidence,
    /// The attempt that it began, to be driven, if the machine was idle.
    pub began: Option<Attempt>,
}

/// Why an attempt ended: what decided, and the work's own words on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending<C> {
    /// The trigger or event that decided, by its name in the table.
    pub decided_by: &'static str,
    /// What the work said about it.
    pub cause: Option<C>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<R: Role, C> {
    /// The idle state that it ended in.
    pub state: R::State,
    /// The first reason that the attempt was given, if it was given one.
    pub reason: Option<R::Reason>,
    /// What decided that it ends, if it went through a clean-up.
    pub ending: Option<Ending<C>>,
}

impl<R: Role, C> Outcome<R, C> {
    /// Returns what a client is shown of it.
    #[must_use]
    pub fn status(&self) -> R::Status {
        R::shows(self.state)
    }

    /// Returns the work's own words on why it ended, if it gave any.
    #[must_use]
    pub fn cause(&self) -> Option<&C> {
        self.ending.as_ref().and_then(|ending| ending.cause.as_ref())
    }
}

/// One step of a machine.
#[derive(Debug)]
pub enum Step<'a, R: Role, C> {
    /// A trigger was raised.
    Raised {
        /// The trigger.
        trigger: R::Trigger,
        /// The answer to it.
        raised: &'a Raised,
        /// The fixed guards that held.
        guards: FactSet<R>,
    },
    /// Evidence was reported.
    Reported {
        /// The event.
        event: R::Event,
        /// The number of the visit that found it, as [`Visit::number`](crate::Visit::number) counts.
        visit: u64,
        /// The work's own words on it.
        cause: Option<&'a C>,
        /// Whether its visit was over, so that nothing happened.
        stale: bool,
    },
    /// A transition fired.
    Fired {
        /// The state that was left.
        from: R::State,
        /// The transition, with the state that was entered.
        transition: &'static Transition<R>,
        /// The attempt it belongs to.
        attempt: Attempt,
        /// The status that it publishes, if it is public.
        publishes: Option<R::Status>,
        /// The reason that is kept since then, if one is: a public event carries it.
        reason: Option<R::Reason>,
        /// The guards that are not fixed and held then.
        guards: FactSet<R>,
    },
    /// A message was not sent, and nothing depends on it.
    Unsent {
        /// The message.
        message: R::Message,
        /// The work's own words on why.
        cause: &'a C,
    },
}
