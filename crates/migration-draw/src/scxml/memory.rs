//! What a chart must remember: facts that can be there before the transition that asks for them fires.
//!
//! In a chart an event that no transition takes is gone; in a table it stays a fact, an event for its visit and a trigger
//! until a row takes it. Most facts never wait, since the one row that asks for them fires when they come. Those that can
//! are told here, so that the chart keeps just them, each in a variable of its own.

use migration_table::model::{Cube, FactId, FactSet, Machine, Row, StateId};
use migration_table::step::needs;

/// The facts that wait, as bit sets.
pub(super) struct Memory {
    /// For each state, what can wait in it: those that come while the machine is there.
    kept: Vec<FactSet>,
    /// Triggers that can still be waiting when a state is entered.
    pub(super) carried: FactSet,
}

impl Memory {
    /// Finds what waits, from the rows of each state.
    pub(super) fn new(machine: &Machine, rows: &[Vec<&Row>]) -> Memory {
        let kept: Vec<FactSet> = rows.iter().map(|rows| kept(machine, rows)).collect();
        let carried = FactSet::union(kept.iter().copied()) & machine.triggers();
        Memory { kept, carried }
    }

    /// What can come to wait in a state.
    pub(super) fn kept(&self, state: StateId) -> FactSet {
        self.kept[state.index()]
    }

    /// Whether a case can come true in a state although none of its facts comes: a trigger came before the state was
    /// entered, or a guard says something else by now.
    pub(super) fn can_come_true_unasked(&self, machine: &Machine, state: StateId, row: &Row, cube: Cube) -> bool {
        let facts = cube.set - machine.guards();
        let is_there = (self.kept(state) | self.carried).includes(facts);
        let is_asked = cube.asks().intersects(machine.open_guards());
        let is_unheard = facts.iter().any(|fact| is_unheard(machine, row, fact));
        is_there && (is_asked || self.carried.includes(facts) || is_unheard)
    }
}

/// Whether a trigger makes a row fire without being why it is accepted: another row must accept it first.
pub(super) fn is_unheard(machine: &Machine, row: &Row, fact: FactId) -> bool {
    machine.fact(fact).is_trigger() && !needs(row, fact)
}

fn kept(machine: &Machine, rows: &[&Row]) -> FactSet {
    let mut kept = FactSet::EMPTY;
    for row in rows {
        for cube in &row.cubes {
            let open = cube.asks() - machine.fixed_guards();
            for fact in open - machine.guards() {
                let waits_for_more = open != fact.into();
                if waits_for_more || cube.set.contains(fact) && is_unheard(machine, row, fact) {
                    kept |= fact;
                }
            }
        }
    }
    kept
}
