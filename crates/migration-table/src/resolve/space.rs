//! The lists of a table in which names are declared, and what a name must stand for in some place.

/// A list of the table that names are declared in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Space {
    Statuses,
    Reasons,
    Triggers,
    Events,
    Guards,
    Messages,
    Resources,
    Machines,
    States,
    Groups,
}

impl Space {
    /// The key that it is the value of.
    pub(super) fn key(self) -> &'static str {
        match self {
            Space::Statuses => "statuses",
            Space::Reasons => "reasons",
            Space::Triggers => "triggers",
            Space::Events => "events",
            Space::Guards => "guards",
            Space::Messages => "messages",
            Space::Resources => "resources",
            Space::Machines => "machines",
            Space::States => "states",
            Space::Groups => "groups",
        }
    }

    /// What may join the words of a name in it.
    pub(super) fn joints(self) -> &'static [char] {
        match self {
            Space::Statuses | Space::Reasons => &['_', '-'],
            Space::Triggers
            | Space::Events
            | Space::Guards
            | Space::Messages
            | Space::Resources
            | Space::Machines
            | Space::States
            | Space::Groups => &['_'],
        }
    }

    /// What a name in it stands for, with its article.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Space::Statuses => "a status",
            Space::Reasons => "a reason",
            Space::Triggers => "a trigger",
            Space::Events => "an event",
            Space::Guards => "a guard",
            Space::Messages => "a message",
            Space::Resources => "a resource",
            Space::Machines => "a machine",
            Space::States => "a state",
            Space::Groups => "a group",
        }
    }
}

/// What a name must stand for in some place.
pub(super) struct Wanted {
    pub(super) spaces: &'static [Space],
    pub(super) noun: &'static str,
    pub(super) listed: &'static str,
}

pub(super) const STATUS: Wanted = one(&[Space::Statuses], "status", "not listed under `statuses`");
pub(super) const REASON: Wanted = one(&[Space::Reasons], "reason", "not listed under `reasons`");
pub(super) const TRIGGER: Wanted = one(&[Space::Triggers], "trigger", "not listed under `triggers`");
pub(super) const GUARD: Wanted = one(&[Space::Guards], "guard", "not listed under `guards`");
pub(super) const EVENT: Wanted = one(&[Space::Events], "event", "not listed under `events`");
pub(super) const MESSAGE: Wanted = one(&[Space::Messages], "message", "not listed under `messages`");
pub(super) const RESOURCE: Wanted = one(&[Space::Resources], "resource", "not listed under `resources`");
pub(super) const MACHINE: Wanted = one(&[Space::Machines], "machine", "not listed under `machines`");
pub(super) const STATE: Wanted = one(&[Space::States], "state", "not listed under `states`");
pub(super) const STATES: Wanted =
    one(&[Space::States, Space::Groups], "state, group or kind", "not listed under `states` or `groups`");
pub(super) const FACT: Wanted = one(
    &[Space::Triggers, Space::Events, Space::Messages, Space::Guards],
    "fact",
    "not listed under `triggers`, `events`, `messages` or `guards`",
);

impl Wanted {
    /// The list that stands for all in which the name may be: a name that no list has is missing once.
    pub(super) fn family(&self) -> Space {
        let facts = [Space::Triggers, Space::Events, Space::Guards, Space::Messages];
        if facts.contains(&self.spaces[0]) { Space::Triggers } else { self.spaces[0] }
    }

    /// Whether each machine has a list of its own.
    pub(super) fn is_of_machine(&self) -> bool {
        matches!(self.spaces[0], Space::States | Space::Groups)
    }
}

const fn one(spaces: &'static [Space], noun: &'static str, listed: &'static str) -> Wanted {
    Wanted { spaces, noun, listed }
}
