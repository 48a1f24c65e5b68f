//! The registry of rules: every kind of change that is told from others, with its name, its reason and what to do.
//!
//! A rule about behaviour claims what the walks have found: the first one in the registry that does gives the finding
//! its name, so every difference is told once, by the rule that says most about it. A rule about names or promises
//! lists what it finds in the two sides. A new rule is a file and a line in the list of its part. The name of a rule
//! never changes its meaning; one that is retired stays listed.
//!
//! What our tables cannot express has no rule: there is one kind of event and it carries a status alone, so no kind of
//! event or member of one comes or goes; the name of a status is what is sent, and the order of the names means nothing
//! to anybody; a command is told from another by its arguments as well, so an argument that is needed now is a command
//! that came and one that went; a reply comes before what the command makes the machine show, always; a machine shows
//! what it has sent last, so no change of status can go unsent; capabilities are off by default; nothing public is
//! unstable or undocumented. What two machines say to each other is no part of the public side.

mod commands;
mod outputs;
mod policy;
mod vocabulary;

use super::sides::{Listed, Sides};
use super::walk::{Sight, Walk};
use super::{Channel, Level, ObserverClass, Repeat, Unknown};

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name: `event-new-successor`.
    pub id: &'static str,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// How much it matters to whom.
    pub levels: Levels,
    /// When it fires, exactly.
    pub definition: &'static str,
    /// Why it matters to a client.
    pub why: &'static str,
    /// How to make the change in a way that clients can live with.
    pub keep_compatible: &'static str,
    /// When it is right to accept it.
    pub accept: &'static str,
    /// Whether its findings are about a machine; else about the table.
    pub scope: Scope,
    /// How it is applied.
    pub(super) run: Run,
}

/// What the findings of a rule are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The table as a whole.
    Table,
    /// One machine.
    Machine,
}

/// How much a rule matters to each class of observers; none if they cannot see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levels {
    /// To one that is sent events and fails at what it does not know: `E!`.
    pub strict_events: Option<Level>,
    /// To one that is sent events and passes over what it does not know: `E`.
    pub events: Option<Level>,
    /// To one to which a repeat is nothing besides: `El`.
    pub level_events: Option<Level>,
    /// To one that asks and fails at what it does not know: `P!`.
    pub strict_poll: Option<Level>,
    /// To one that asks and passes over what it does not know: `P`.
    pub poll: Option<Level>,
}

impl Levels {
    /// The same to everybody.
    pub(super) const fn all(level: Level) -> Levels {
        Levels::sent_and_asked(level, level)
    }

    /// One level for those who are sent events, one for those who ask.
    pub(super) const fn sent_and_asked(sent: Level, asked: Level) -> Levels {
        let (sent, asked) = (Some(sent), Some(asked));
        Levels { strict_events: sent, events: sent, level_events: sent, strict_poll: asked, poll: asked }
    }

    /// How much it matters to such an observer.
    #[must_use]
    pub fn to(&self, class: ObserverClass) -> Option<Level> {
        match (class.channel, class.unknown, class.repeat) {
            (Channel::Poll, Unknown::Fail, _) => self.strict_poll,
            (Channel::Poll, Unknown::Skip, _) => self.poll,
            (Channel::Events, Unknown::Fail, Repeat::See) => self.strict_events,
            (Channel::Events, Unknown::Skip, Repeat::See) => self.events,
            (Channel::Events, Unknown::Skip, Repeat::Skip) => self.level_events,
            (Channel::Events, Unknown::Fail, Repeat::Skip) => self.level_events.and(self.strict_events),
        }
    }
}

/// What keeps a change compatible that nobody relies on.
const NOTHING_TO_DO: &str = "nothing needs to be done";

/// When it is right to accept what is worth a note.
const NO_APPROVAL: &str = "it needs no approval where notes are not gated";

/// How a rule is applied.
#[derive(Clone, Copy, Debug)]
pub(super) enum Run {
    /// To every difference that a walk found, until one claims it.
    Claims(fn(&Walk<'_>, &Sight) -> Option<Claim>),
    /// To both sides as a whole.
    Lists(fn(&Sides<'_>) -> Vec<Listed>),
}

/// What a rule says of a difference.
pub(super) struct Claim {
    /// What it is about.
    pub(super) subject: String,
    /// What is to be said, in one line.
    pub(super) message: String,
}

/// The parts of the registry. Within a part, the order is that in which differences are claimed.
const PARTS: &[&[Rule]] = &[vocabulary::ALL, outputs::ALL, commands::ALL, policy::ALL];

/// Every rule.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    PARTS.iter().copied().flatten()
}

/// The rule of this name.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == id)
}

/// The first rule that claims a difference, and what it says.
pub(super) fn claim(walk: &Walk<'_>, sight: &Sight) -> Option<(&'static Rule, Claim)> {
    rules().find_map(|rule| match rule.run {
        Run::Claims(claim) => claim(walk, sight).map(|claim| (rule, claim)),
        Run::Lists(_) => None,
    })
}
