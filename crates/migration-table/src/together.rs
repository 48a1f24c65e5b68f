//! Rows that no run takes which looks after every fact, and that a caller takes who sets several flags before it looks.

use std::collections::BTreeSet;

use crate::bdd::{Bdd, TooLarge};
use crate::explore::Space;
use crate::model::{Machine, StateId};

/// A case in which a row fires: the state, the row as an index into [`Machine::rows`], and the case of its formula as an
/// index into [`crate::model::Row::cubes`].
pub type Fired = (StateId, usize, usize);

impl Space<'_> {
    /// Returns the rows that fire in a state in some of these configurations, each case of them.
    ///
    /// # Errors
    ///
    /// When there are too many cases.
    pub fn fired(&mut self, state: StateId, here: Bdd) -> Result<BTreeSet<Fired>, TooLarge> {
        let asked = self.machine.open_guards();
        let mut found = BTreeSet::new();
        for step in self.place_of(state).moves.clone() {
            for (at, cube) in self.row(&step).cubes.iter().enumerate() {
                let case = self.diagrams.case(*cube)?;
                let wins = self.diagrams.and(step.wins, case)?;
                let fires = self.diagrams.exists(wins, asked)?;
                if !self.diagrams.and(here, fires)?.is_never() {
                    found.insert((state, step.row, at));
                }
            }
        }
        Ok(found)
    }
}

/// Returns the rows that fire in a state only if several facts are set before the machine looks, and those behind them: the
/// state, and the row as an index into [`Machine::rows`].
///
/// # Errors
///
/// When there are too many cases.
pub fn only_together(machine: &Machine) -> Result<BTreeSet<(StateId, usize)>, TooLarge> {
    let mut space = Space::new(machine)?;
    let reached = space.explore()?;
    let mut found = BTreeSet::new();
    for state in machine.state_ids() {
        let alone = space.fired(state, reached.arrived(state))?;
        let fires_alone = |row: usize| alone.iter().any(|(_, known, _)| *known == row);
        let present = space.fired(state, reached.present(state))?;
        found.extend(present.iter().filter(|(_, row, _)| !fires_alone(*row)).map(|(state, row, _)| (*state, *row)));
    }
    Ok(found)
}
