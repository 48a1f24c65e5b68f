//! Answers of the one step of `migration-table`, remembered: a search asks the same of it a hundred thousand times.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::settings::{Guards, Names, Settings};
use migration_table::model::{Answer, FactId, FactSet, Machine, StateId, Table};
use migration_table::step;

/// How many answers of a kind are remembered at most.
const ANSWERS_MAX: usize = 200_000;

/// What was asked before.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    /// By machine and state, the facts that its rows mention, and the events among them that are awaited.
    states: Vec<Vec<(FactSet, FactSet)>>,
    rows: RefCell<FxHashMap<(usize, StateId, FactSet), Option<usize>>>,
    answers: RefCell<FxHashMap<(usize, StateId, FactId, FactSet), Answer>>,
    guards: RefCell<FxHashMap<(usize, Settings), Guards>>,
}

impl Cache {
    pub(super) fn of(table: &Table) -> Cache {
        let of_machine = |machine: &Machine| {
            let of_state = |state| (machine.mentioned_in(state), step::awaited(machine, state));
            machine.state_ids().map(of_state).collect()
        };
        Cache {
            states: table.machines.iter().map(of_machine).collect(),
            rows: RefCell::default(),
            answers: RefCell::default(),
            guards: RefCell::default(),
        }
    }

    /// The facts that the rows of a state mention.
    pub(super) fn mentioned(&self, machine: usize, state: StateId) -> FactSet {
        self.states[machine][state.index()].0
    }

    /// The events that mean something in a state.
    pub(super) fn awaited(&self, machine: usize, state: StateId) -> FactSet {
        self.states[machine][state.index()].1
    }

    /// The row that fires.
    pub(super) fn row(&self, table: &Table, machine: usize, state: StateId, facts: FactSet) -> Option<usize> {
        let facts = facts & self.mentioned(machine, state);
        let ask = || step::advance(&table.machines[machine], state, facts);
        remembered(&self.rows, (machine, state, facts), ask)
    }

    /// What is said to a trigger.
    pub(super) fn answer(
        &self,
        table: &Table,
        machine: usize,
        state: StateId,
        trigger: FactId,
        fixed: FactSet,
    ) -> Answer {
        let ask = || step::answer(&table.machines[machine], state, trigger, fixed);
        remembered(&self.answers, (machine, state, trigger, fixed), ask)
    }

    /// What is known of the guards of a machine.
    pub(super) fn guards(&self, table: &Table, names: &Names, machine: usize, settings: Settings) -> Guards {
        let ask = || names.guards(settings, &table.machines[machine]);
        remembered(&self.guards, (machine, settings), ask)
    }
}

fn remembered<K: Eq + std::hash::Hash, V: Clone>(
    known: &RefCell<FxHashMap<K, V>>,
    key: K,
    ask: impl FnOnce() -> V,
) -> V {
    let mut known = known.borrow_mut();
    if known.len() > ANSWERS_MAX {
        known.clear();
    }
    known.entry(key).or_insert_with(ask).clone()
}
