//! One thing that may be true of a process at one moment.

use migration_table::model::{FactId, FactSet, Machine, StateId, Table};
use migration_table::step;

use super::settings::Settings;
use super::told::{Kept, Told};

/// A possibility: where every machine is, what the settings are, and how far each command has come.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Config {
    /// The machines, in the order of the table.
    pub(super) places: Vec<Place>,
    /// What is known of capabilities and parameters.
    pub(super) settings: Settings,
    /// Commands without a reply, oldest first, by their ids.
    pub(super) commands: Vec<(u64, Phase)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) state: StateId,
    /// Pending triggers, events of the visit, fixed guards of the attempt.
    pub(super) facts: FactSet,
    /// Fixed guards of the attempt that may hold or not: it has not mattered yet.
    // Invariant: none of them is among `facts`.
    pub(super) open: FactSet,
    /// Why the attempt ends, or the last one ended, where clients are told.
    pub(super) kept: Kept,
    /// Whether it must look for an enabled row before anything else happens to it.
    pub(super) is_due: bool,
}

/// How far a command has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Phase {
    /// It was sent, and nobody was asked yet.
    Sent,
    /// A machine took it. What went wrong since then may be said in the reply.
    Accepted {
        /// Index of the machine.
        machine: usize,
        /// Whether evidence that carries a cause has decided something since.
        went_wrong: bool,
    },
    /// Success, and nothing happened.
    Ignored,
    /// Refused: by a machine, or by the host for reasons of its own.
    Refused(Option<Refusal>),
    /// The status was looked at.
    Shown(Option<Told>),
}

/// What the table refuses: which trigger of which machine, in which state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Refusal {
    /// Index of the machine.
    pub(super) machine: usize,
    pub(super) state: StateId,
    pub(super) trigger: FactId,
}

impl Refusal {
    /// The class of the error that it is.
    pub(super) fn class(self, table: &Table) -> &str {
        step::refusal_class(&table.machines[self.machine], self.state, self.trigger)
    }
}

impl Config {
    /// Whether no machine has to move before anything else is seen.
    pub(super) fn is_settled(&self) -> bool {
        self.places.iter().all(|place| !place.is_due)
    }

    /// What a client may be shown: the status of the first machine that has one to tell of. Before the first attempt that
    /// is what the machines show first, or nothing, as QEMU does it.
    pub(super) fn shown(&self, table: &Table) -> Vec<Option<Told>> {
        let places = || self.places.iter().zip(&table.machines);
        let told =
            |(place, machine): (&Place, &Machine)| Told { status: machine.state(place.state).shows, kept: place.kept };
        let has_begun = |(place, machine): &(&Place, &Machine)| {
            machine.state(place.state).shows != machine.state(machine.initial).shows
        };
        match places().find(has_begun) {
            Some(first) => vec![Some(told(first))],
            None => places().map(|it| Some(told(it))).chain([None]).collect(),
        }
    }

    /// The same, and a command was sent.
    pub(super) fn sent(mut self, command: u64) -> Config {
        self.commands.push((command, Phase::Sent));
        self
    }

    /// The same with one machine elsewhere.
    pub(super) fn with_place(&self, machine: usize, place: Place) -> Config {
        let mut config = self.clone();
        config.places[machine] = place;
        config
    }

    /// The same with one command further.
    pub(super) fn with_phase(&self, command: usize, phase: Phase) -> Config {
        let mut config = self.clone();
        config.commands[command].1 = phase;
        config
    }

    /// The same, and evidence that carries a cause has decided something in the machine.
    pub(super) fn gone_wrong(mut self, machine: usize) -> Config {
        for (_, phase) in &mut self.commands {
            if let Phase::Accepted { machine: other, went_wrong } = phase
                && *other == machine
            {
                *went_wrong = true;
            }
        }
        self
    }
}

impl Place {
    /// A machine that waits in a state, with nothing pending and these fixed guards open. Why its last attempt ended is not
    /// known.
    pub(super) fn resting(state: StateId, open: FactSet) -> Place {
        Place { state, facts: FactSet::EMPTY, open, kept: Kept::Unknown, is_due: false }
    }
}
