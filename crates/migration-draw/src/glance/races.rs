//! Who wins when two facts meet: for every state that some run reaches, every pair of facts that can come in there.
//!
//! Our own machine looks at facts one by one: the one that comes first is acted upon, and then the question is what
//! becomes of the other. Where that leads to the same place, the race is harmless; where it does not, the order of
//! arrival decides. A caller that sets several flags before it asks has both at one look, and so has our own machine
//! where the first of them waits; then the rows decide, by their formulas or by precedence. Both questions are answered
//! exactly, over everything that can happen.

mod at_once;
mod field;
mod in_turn;
mod race;
mod text;

use migration_table::bdd::TooLarge;
use migration_table::explore::Space;
use migration_table::model::{FactId, FactSet, Machine, StateId};
use migration_table::step;

use field::Field;

pub use race::{AtOnce, End, InTurn, Late, Order, Race, Rule};
pub(super) use text::page;

/// Every pair of facts that can meet, in the order of the states and of the facts.
///
/// # Errors
///
/// When there are too many cases.
pub fn races(machine: &Machine) -> Result<Vec<Race>, TooLarge> {
    let mut space = Space::new(machine)?;
    let reached = space.explore()?;
    let mut field = Field { space, reached, heard_from: step::heard_from(machine) };
    let mut races = Vec::new();
    for state in machine.state_ids() {
        let candidates = field.candidates(state)?;
        for (index, first) in candidates.iter().enumerate() {
            for second in &candidates[index + 1..] {
                races.extend(field.race(state, *first, *second)?);
            }
        }
    }
    Ok(races)
}

impl Field<'_> {
    fn race(&mut self, state: StateId, first: FactId, second: FactId) -> Result<Option<Race>, TooLarge> {
        let both = self.both(state, first, second)?;
        let in_turn = (self.in_turn(state, first, second)?, self.in_turn(state, second, first)?);
        let is_together = !both.is_never();
        if !is_together && in_turn.0.turns.is_empty() && in_turn.1.turns.is_empty() {
            return Ok(None);
        }
        let both = if is_together { both } else { self.only(first, second)? };
        let at_once = self.at_once(state, both, FactSet::from_iter([first, second]))?;
        Ok(Some(Race { state, facts: (first, second), is_together, at_once, in_turn }))
    }
}
