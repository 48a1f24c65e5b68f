//! Which fixed guards can still matter to an attempt.
//!
//! A fixed guard keeps its value for a whole attempt, but most matter in a few states only. Where none that can still be
//! entered asks for a guard, its value is forgotten: possibilities that differ in nothing else are one.

use std::sync::Arc;

use migration_table::model::{FactSet, Kind, StateId, Table};

/// For each machine and each state, the fixed guards that can still matter.
#[derive(Clone, Debug)]
pub(super) struct Live(Arc<Vec<Vec<FactSet>>>);

impl Live {
    pub(super) fn of(table: &Table) -> Live {
        let of_machine = |machine: &migration_table::model::Machine| {
            let fixed = machine.fixed_guards();
            let mentioned = |state| machine.mentioned_in(state) & fixed;
            let mut live: Vec<FactSet> = machine.state_ids().map(mentioned).collect();
            loop {
                let before = live.clone();
                for row in machine.rows.iter().filter(|row| machine.state(row.to).kind != Kind::Idle) {
                    for from in &row.from {
                        live[from.index()] = live[from.index()] | live[row.to.index()];
                    }
                }
                if live == before {
                    return live;
                }
            }
        };
        Live(Arc::new(table.machines.iter().map(of_machine).collect()))
    }

    /// Those that matter to a machine from this state on.
    pub(super) fn from(&self, machine: usize, state: StateId) -> FactSet {
        self.0[machine][state.index()]
    }
}
