//! Finding things in a table: by name, by id, and the rows and facts that belong together.

use super::{Fact, FactId, Machine, Row, State, StateId, Table};

impl Table {
    /// The machine of that name.
    #[must_use]
    pub fn machine(&self, name: &str) -> Option<&Machine> {
        self.machines.iter().find(|machine| machine.name == name)
    }
}

impl Machine {
    /// The state behind an id of this machine.
    #[must_use]
    pub fn state(&self, id: StateId) -> &State {
        &self.states[id.index()]
    }

    /// The fact behind an id of this machine.
    #[must_use]
    pub fn fact(&self, id: FactId) -> &Fact {
        &self.facts[id.index()]
    }

    /// The state of that name.
    #[must_use]
    pub fn state_id(&self, name: &str) -> Option<StateId> {
        let index = self.states.iter().position(|state| state.name == name)?;
        u16::try_from(index).ok().map(StateId)
    }

    /// The fact of that name.
    #[must_use]
    pub fn fact_id(&self, name: &str) -> Option<FactId> {
        let index = self.facts.iter().position(|fact| fact.name == name)?;
        u16::try_from(index).ok().map(FactId)
    }

    /// Every state id, in order.
    pub fn state_ids(&self) -> impl Iterator<Item = StateId> + use<> {
        (0..u16::try_from(self.states.len()).unwrap_or(u16::MAX)).map(StateId)
    }

    /// Every fact id, in order.
    pub fn fact_ids(&self) -> impl Iterator<Item = FactId> + use<> {
        (0..u16::try_from(self.facts.len()).unwrap_or(u16::MAX)).map(FactId)
    }

    /// The rows of one state, strongest first, and within a rank in an order that does not depend on the file's.
    #[must_use]
    pub fn rows_of(&self, state: StateId) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| row.from.contains(&state)).collect();
        rows.sort_by(|a, b| strongest_first(a, b));
        rows
    }

    /// The rows of every state, each list as [`Machine::rows_of`] gives it.
    #[must_use]
    pub fn rows_by_state(&self) -> Vec<Vec<&Row>> {
        let of_numbers = |numbers: Vec<usize>| numbers.into_iter().map(|number| &self.rows[number]).collect();
        self.row_numbers_by_state().into_iter().map(of_numbers).collect()
    }

    /// The same as indices into [`Machine::rows`].
    #[must_use]
    pub fn row_numbers_by_state(&self) -> Vec<Vec<usize>> {
        let mut numbers: Vec<usize> = (0..self.rows.len()).collect();
        numbers.sort_by(|a, b| strongest_first(&self.rows[*a], &self.rows[*b]));
        let mut by_state = vec![Vec::new(); self.states.len()];
        for number in numbers {
            self.rows[number].from.iter().for_each(|state| by_state[state.index()].push(number));
        }
        by_state
    }

    fn mask(&self, wanted: impl Fn(&Fact) -> bool) -> u64 {
        self.fact_ids().filter(|id| wanted(self.fact(*id))).fold(0, |mask, id| mask | id.bit())
    }

    /// The bits of all triggers.
    #[must_use]
    pub fn triggers(&self) -> u64 {
        self.mask(Fact::is_trigger)
    }

    /// The bits of all events, messages among them.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.mask(Fact::is_event)
    }

    /// The bits of all guards.
    #[must_use]
    pub fn guards(&self) -> u64 {
        self.mask(Fact::is_guard)
    }

    /// The bits of the guards that keep their value for a whole attempt.
    #[must_use]
    pub fn fixed_guards(&self) -> u64 {
        self.mask(Fact::is_fixed)
    }
}

/// The order of rows that leave one state.
fn strongest_first(a: &Row, b: &Row) -> std::cmp::Ordering {
    (a.rank, a.to, &a.cubes, &a.when).cmp(&(b.rank, b.to, &b.cubes, &b.when))
}
