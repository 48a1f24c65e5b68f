//! Finding things in a table: by name, by id, and the rows and facts that belong together.

use std::collections::BTreeMap;

use super::{
    AnswerRow, Condition, Fact, FactId, FactSet, GENERIC_ERROR, Machine, ReasonId, Row, State, StateId, StatusId, Table,
};
use crate::span::Span;

impl Table {
    /// The machine of that name.
    #[must_use]
    pub fn machine(&self, name: &str) -> Option<&Machine> {
        self.machines.iter().find(|machine| machine.name == name)
    }
}

impl Table {
    /// What a client is told, in words: a status, and the reason if one is kept.
    #[must_use]
    pub fn told(&self, (status, reason): (StatusId, Option<ReasonId>)) -> String {
        let status = &self.statuses[status.index()].name;
        match reason {
            Some(reason) => format!("{status} because {}", self.reasons[reason.index()].name),
            None => status.clone(),
        }
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
        self.row_numbers_of(state).into_iter().map(|number| &self.rows[number]).collect()
    }

    /// The same as indices into [`Machine::rows`].
    #[must_use]
    pub fn row_numbers_of(&self, state: StateId) -> Vec<usize> {
        let mut numbers: Vec<usize> =
            (0..self.rows.len()).filter(|number| self.rows[*number].from.contains(&state)).collect();
        numbers.sort_by(|a, b| strongest_first(&self.rows[*a], &self.rows[*b]));
        numbers
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

    /// The lines of `transitions:`, in the order of the file, each as one row: with all states that it leaves and all
    /// cases of its formula, public if it publishes in one of them, and of the rank of its strongest case.
    #[must_use]
    pub fn lines(&self) -> Vec<Row> {
        let mut lines: Vec<Row> = Vec::new();
        let mut known: BTreeMap<Span, usize> = BTreeMap::new();
        for row in &self.rows {
            let at = *known.entry(row.span).or_insert(lines.len());
            let Some(line) = lines.get_mut(at) else {
                lines.push(row.clone());
                continue;
            };
            line.from.extend(&row.from);
            line.from.sort_unstable();
            line.from.dedup();
            line.cubes.extend(&row.cubes);
            line.cubes.sort_unstable();
            line.cubes.dedup();
            line.mentions |= row.mentions;
            line.public |= row.public;
            line.rank = line.rank.min(row.rank);
            line.case.clone_from(&row.when);
            if line.condition != row.condition {
                line.condition = Condition::Or(vec![line.condition.clone(), row.condition.clone()]);
            }
        }
        lines
    }

    /// The facts that the rows of a state mention.
    #[must_use]
    pub fn mentioned_in(&self, state: StateId) -> FactSet {
        FactSet::union(self.rows.iter().filter(|row| row.from.contains(&state)).map(|row| row.mentions))
    }

    fn those(&self, wanted: impl Fn(&Fact) -> bool) -> FactSet {
        self.fact_ids().filter(|id| wanted(self.fact(*id))).collect()
    }

    /// The steps of the happy path, from each state to the next; the last one leads back to the first state if the path does.
    pub fn path_steps(&self) -> impl Iterator<Item = (StateId, StateId)> {
        let (path, back) = (&self.happy_path, self.path_comes_back);
        let next = path.iter().skip(1).chain(path.first().filter(|_| back));
        path.iter().copied().zip(next.copied())
    }

    /// All facts.
    #[must_use]
    pub fn all_facts(&self) -> FactSet {
        self.fact_ids().collect()
    }

    /// All triggers.
    #[must_use]
    pub fn triggers(&self) -> FactSet {
        self.those(Fact::is_trigger)
    }

    /// All events, messages among them.
    #[must_use]
    pub fn events(&self) -> FactSet {
        self.those(Fact::is_event)
    }

    /// The events that something other than the work reports.
    #[must_use]
    pub fn outside_events(&self) -> FactSet {
        self.those(|fact| fact.is_outside)
    }

    /// All guards.
    #[must_use]
    pub fn guards(&self) -> FactSet {
        self.those(Fact::is_guard)
    }

    /// The guards that keep their value for a whole attempt.
    #[must_use]
    pub fn fixed_guards(&self) -> FactSet {
        self.those(Fact::is_fixed)
    }

    /// The guards that are asked at every single step.
    #[must_use]
    pub fn open_guards(&self) -> FactSet {
        self.guards() - self.fixed_guards()
    }
}

impl Row {
    /// Returns the states that the line leaves, as it names them: `busy, except running`.
    #[must_use]
    pub fn leaves(&self) -> String {
        let from = self.from_names.join(", ");
        match self.except_names.as_slice() {
            [] => from,
            except => format!("{from}, except {}", except.join(", ")),
        }
    }
}

impl AnswerRow {
    /// Returns the class of the error that a refusal is: `GenericError` where the table names none.
    #[must_use]
    pub fn refusal_class(&self) -> &str {
        self.class.as_deref().unwrap_or(GENERIC_ERROR)
    }
}

/// The order of rows that leave one state.
fn strongest_first(a: &Row, b: &Row) -> std::cmp::Ordering {
    (a.rank, a.to, &a.cubes, &a.when).cmp(&(b.rank, b.to, &b.cubes, &b.when))
}
