//! One run out of everything that may be true of a process: a shortest one, and what is certain of it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::closure::Closure;
use super::super::memo::Memo;
use super::super::step::Rules;
use super::super::way::{Fired, Ways};
use super::{Chance, Process, Start};
use migration_table::model::StateId;

/// A run of one process that explains what was seen of it. No other that does has fewer rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The name of the process.
    pub process: String,
    /// The rows that fired, in their order.
    pub steps: Vec<Taken>,
    /// Whether every machine was in its initial state when the process began; otherwise they may have been anywhere.
    pub is_from_start: bool,
    /// Where each machine is in the end, in the order of the table.
    pub ends: Vec<StateId>,
    /// Where each machine is in the end of any run that explains the same, in the order of the table.
    pub may_end: Vec<BTreeSet<StateId>>,
}

/// A row that fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The machine, as an index into the machines of the table.
    pub machine: usize,
    /// The state that it left.
    pub from: StateId,
    /// The row, as an index into the rows of the machine.
    pub row: usize,
    /// What was seen next: its number among all that was seen of all processes and explained, from 0. For rows after
    /// the last of it, that of the last.
    pub seen: usize,
    /// Whether every run that explains the same takes the row in this state, if not perhaps as often.
    pub is_certain: bool,
}

impl Process<'_> {
    /// A shortest run, if ways are kept.
    pub(in super::super) fn run(&self, process: &str) -> Option<Run> {
        let life = self.life.as_ref()?;
        let ends = self.ends();
        let (config, way) = ends.iter().min_by_key(|(_, way)| way.length())?;
        let mut certain: BTreeMap<Fired, bool> = BTreeMap::new();
        let mut taken = |(fired, seen): (Fired, usize)| {
            let is_certain = *certain.entry(fired).or_insert_with(|| !self.can_do_without(fired));
            Taken { machine: fired.machine, from: fired.from, row: fired.row, seen, is_certain }
        };
        let machines = 0..self.rules.table.machines.len();
        let may_end = machines.map(|machine| ends.configs().map(|config| config.places[machine].state).collect());
        Some(Run {
            process: process.to_owned(),
            steps: way.rows().into_iter().map(&mut taken).collect(),
            is_from_start: !self.is_looked_on
                && match life.start {
                    Start::Fresh | Start::Set(_) | Start::Listening | Start::FreshOrListening => true,
                    Start::LongAgo | Start::Showing(_) => false,
                },
            ends: config.places.iter().map(|place| place.state).collect(),
            may_end: may_end.collect(),
        })
    }

    /// Everything that may be true after what was seen, once no machine has to move; if some machine must publish for
    /// that what was not seen, as it is.
    fn ends(&self) -> Ways {
        let closure = Closure::with(&self.rules, &self.configs, Some(self.now), Rules::settle);
        let mut settled: Ways = closure.map_or_else(|_| Ways::default(), |closure| closure.configs);
        settled.retain(|config| config.is_settled());
        if settled.is_empty() { Ways::clone(&self.configs) } else { settled }
    }

    /// Whether some run explains the same in which this row does not fire.
    fn can_do_without(&self, fired: Fired) -> bool {
        let Some(life) = &self.life else { return true };
        let mut other = Process { memo: Memo::default(), ..self.clone() };
        other.rules.ruled_out = Some(fired);
        if self.is_looked_on {
            other.look_on();
        } else {
            other.begin(&life.start);
        }
        // How it is looked at was decided by what was seen, and is not decided again.
        (other.chance, other.life) = (Chance::Gone, None);
        let is_explained = life.seen.iter().all(|(now, seen)| other.observe(*now, seen).is_ok());
        let is_settled = |ways: &Ways| ways.configs().any(|config| config.is_settled());
        let ends = other.ends();
        is_explained && !ends.is_empty() && (is_settled(&ends) || !is_settled(&self.ends()))
    }
}
