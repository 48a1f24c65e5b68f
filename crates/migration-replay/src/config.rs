//! One thing that may be true of a process at one moment.

use migration_table::model::{Answer, AnswerRow, FactId, FactSet, GENERIC_ERROR, Machine, StateId, Table};
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

/// The class of the error with which the table refuses something, as the first answer of the table that has it: that is
/// the same for all refusals of one class. `None` if no answer has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Refusal(Option<(usize, usize)>);

impl Refusal {
    /// The refusal of a trigger of a machine, by its index, in a state.
    pub(super) fn of(table: &Table, machine: usize, state: StateId, trigger: FactId) -> Refusal {
        let class = step::refusal_class(&table.machines[machine], state, trigger);
        let answers = table.machines.iter().enumerate().flat_map(|(at, machine)| {
            machine.answers.iter().enumerate().map(move |(number, answer)| ((at, number), answer))
        });
        let is_it = |answer: &AnswerRow| matches!(answer.answer, Answer::Refuse(_)) && answer.refusal_class() == class;
        Refusal(answers.into_iter().find(|(_, answer)| is_it(answer)).map(|(place, _)| place))
    }

    /// The class of the error.
    pub(super) fn class(self, table: &Table) -> &str {
        self.0.map_or(GENERIC_ERROR, |(machine, answer)| table.machines[machine].answers[answer].refusal_class())
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
