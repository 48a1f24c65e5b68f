//! Capabilities and parameters of a process, as far as they decide guards, and what is known of them.

use std::collections::BTreeSet;

use migration_table::id;
use migration_table::model::{Fact, FactId, FactKind, FactSet, IdSet, Machine, Parameter, Table};

/// The name under which it is set whether statuses are published, whatever the table calls the capability.
const EVENTS: &str = "events";

id!(
    /// Something that decides a guard, as an index into [`Names`].
    DeciderId
);

/// The capability `events`.
const PUBLISHES: DeciderId = DeciderId(0);

/// Everything that decides a guard of the table, in a fixed order.
#[derive(Clone, Debug)]
pub(super) struct Names {
    // Invariant: the first one is the capability `events`; at most 64.
    names: Vec<Decider>,
}

/// What decides a guard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Decider {
    Capability(String),
    Parameter(String, Option<String>),
}

/// What is known of the settings of a process: at first nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Settings {
    /// Those that are known to be on.
    on: IdSet<DeciderId>,
    // Invariant: includes `on`.
    known: IdSet<DeciderId>,
}

/// What is known of guards.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Guards {
    /// Guards that hold.
    pub(super) hold: FactSet,
    /// Guards that may hold or not.
    pub(super) open: FactSet,
}

impl Names {
    /// Those of a table in which this capability decides whether statuses are published.
    pub(super) fn of(table: &Table, publishes: Option<&str>) -> Names {
        let facts = table.machines.iter().flat_map(|machine| &machine.facts);
        let deciders: BTreeSet<Decider> = facts.filter_map(decider).collect();
        let events = Decider::Capability(publishes.unwrap_or(EVENTS).to_owned());
        let others = deciders.into_iter().filter(|decider| *decider != events).take(63);
        Names { names: std::iter::once(events.clone()).chain(others).collect() }
    }

    /// Whether some parameter decides a guard.
    pub(super) fn has_parameters(&self) -> bool {
        self.names.iter().any(|name| matches!(name, Decider::Parameter(..)))
    }

    /// The settings after a change of capabilities.
    pub(super) fn with_capabilities(&self, settings: Settings, capabilities: &[(String, bool)]) -> Settings {
        let mut settings = settings;
        for (name, on) in capabilities {
            let decider = Decider::Capability(name.clone());
            if let Some(decider) = self.id(&decider) {
                settings.set(decider, *on);
            }
        }
        settings
    }

    /// The settings after a change of parameters.
    pub(super) fn with_parameters(&self, settings: Settings, parameters: &[(String, String)]) -> Settings {
        let mut settings = settings;
        for (id, name) in (0..).map(DeciderId).zip(&self.names) {
            let Decider::Parameter(name, is) = name else { continue };
            if let Some((_, value)) = parameters.iter().find(|(parameter, _)| parameter == name) {
                settings.set(id, is.as_ref().map_or(!value.is_empty(), |is| is == value));
            }
        }
        settings
    }

    /// The settings with some of them as they are named to clients: capabilities, parameters that must only be there,
    /// and `name=value`. What decides nothing is passed over.
    pub(super) fn with_settings(&self, settings: Settings, values: &[(String, bool)]) -> Settings {
        let mut settings = settings;
        for (id, decider) in (0..).map(DeciderId).zip(&self.names) {
            let named = match decider {
                Decider::Capability(name) | Decider::Parameter(name, None) => name.clone(),
                Decider::Parameter(name, Some(value)) => format!("{name}={value}"),
            };
            let is_meant = |name: &str| name == named || (id == PUBLISHES && name == EVENTS);
            if let Some((_, on)) = values.iter().find(|(name, _)| is_meant(name)) {
                settings.set(id, *on);
            }
        }
        settings
    }

    /// What is known of the guards of a machine.
    pub(super) fn guards(&self, settings: Settings, machine: &Machine) -> Guards {
        let mut guards = Guards::default();
        for id in machine.fact_ids().filter(|id| machine.fact(*id).is_guard()) {
            match self.guard(settings, machine, id) {
                Some(true) => guards.hold |= id,
                Some(false) => {}
                None => guards.open |= id,
            }
        }
        guards
    }

    /// Whether a guard holds; none if that is not known.
    fn guard(&self, settings: Settings, machine: &Machine, guard: FactId) -> Option<bool> {
        let decider = self.id(&decider(machine.fact(guard))?)?;
        settings.known.contains(decider).then_some(settings.on.contains(decider))
    }

    fn id(&self, decider: &Decider) -> Option<DeciderId> {
        (0..).map(DeciderId).zip(&self.names).find(|(_, name)| *name == decider).map(|(id, _)| id)
    }
}

impl Settings {
    /// As a process begins: all off. Whether statuses are published is often set where a recording does not show it.
    pub(super) fn at_first() -> Settings {
        Settings { on: IdSet::EMPTY, known: !IdSet::from(PUBLISHES) }
    }

    /// Whether statuses are published; `None` if that is not known.
    pub(super) fn publishes(self) -> Option<bool> {
        self.known.contains(PUBLISHES).then_some(self.on.contains(PUBLISHES))
    }

    /// The same, and it is known whether statuses are published.
    pub(super) fn publishing(self, on: bool) -> Settings {
        let mut settings = self;
        settings.set(PUBLISHES, on);
        settings
    }

    /// The same, and it is not known whether statuses are published.
    pub(super) fn unknown_publishing(self) -> Settings {
        Settings { on: self.on - PUBLISHES, known: self.known - PUBLISHES }
    }

    fn set(&mut self, decider: DeciderId, on: bool) {
        self.known |= decider;
        self.on = if on { self.on | decider } else { self.on - decider };
    }
}

fn decider(fact: &Fact) -> Option<Decider> {
    let FactKind::Guard { capability, parameter, .. } = &fact.kind else { return None };
    let by_parameter = |Parameter { name, is }: &Parameter| Decider::Parameter(name.clone(), is.clone());
    capability.clone().map(Decider::Capability).or_else(|| parameter.as_ref().map(by_parameter))
}
