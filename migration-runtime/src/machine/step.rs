//! What a machine says of itself: answers to triggers, what became of evidence, and every step, for observers.

use std::fmt;

use super::Attempt;
use crate::cause::Cause;
use crate::states::{Answer, Role, Status, Transition};

/// The answer to a raised trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raised {
    /// It was taken, in this attempt.
    Accepted(Attempt),
    /// Success, and nothing happened.
    Ignored,
    /// An error, and nothing happened.
    Refused(Refusal),
}

/// Why a trigger was refused, in words for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    class: &'static str,
    text: String,
}

impl Refusal {
    pub(super) fn new<R: Role>(trigger: R::Trigger, state: R::State, fixed: R::Facts, reason: &str) -> Self {
        let takes = |other: &&R::Trigger| R::answer(state, **other, fixed) == Answer::Accept;
        let accepted: Vec<String> = R::TRIGGERS.iter().filter(takes).map(|other| format!("`{other}`")).collect();
        let accepted = if accepted.is_empty() { "nothing".to_owned() } else { accepted.join(", ") };
        let rule = format!("trigger `{trigger}` is refused in state `{state}` (accepted: {accepted})");
        let text = if reason.is_empty() { rule } else { format!("{reason}: {rule}") };
        Self { class: R::refusal_class(state, trigger), text }
    }

    /// The class of the error, for programs, as the table names it: `GenericError` where it says nothing.
    #[must_use]
    pub fn class(&self) -> &'static str {
        self.class
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
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

/// The fact that made a machine advance, and the work's own words on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    fact: String,
    cause: Option<Cause>,
}

impl Decision {
    pub(super) fn new(fact: String, cause: Option<Cause>) -> Self {
        Self { fact, cause }
    }

    pub(super) fn ending(&self) -> Ending {
        Ending { decided_by: self.fact.clone(), cause: self.cause.clone() }
    }
}

/// Why an attempt ended: what decided, and the work's own words on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The trigger or event that decided, by its name in the table.
    pub decided_by: String,
    /// What the work said about it.
    pub cause: Option<Cause>,
}

/// One step of a machine.
#[derive(Debug)]
pub enum Step<'a, R: Role> {
    /// A trigger was raised.
    Raised {
        /// The trigger.
        trigger: R::Trigger,
        /// What it was answered.
        raised: &'a Raised,
        /// The fixed guards under which it was answered, as bits of the machine's facts.
        guards: u64,
    },
    /// Evidence was reported.
    Reported {
        /// The event.
        event: R::Event,
        /// The number of the visit that found it, as [`Visit::number`](super::Visit::number) counts.
        visit: u64,
        /// The work's words on it.
        cause: Option<&'a Cause>,
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
        /// The status that is published by it, if it is public.
        publishes: Option<Status>,
        /// The guards that are not fixed and held then, as bits of the machine's facts.
        guards: u64,
    },
}
