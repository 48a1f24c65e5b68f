//! How much of a machine the projection is willing to compute.

use std::fmt;

use migration_table::bdd;
use migration_table::model::{FactId, Machine, StateId};

/// The most configurations of one machine under all settings: what it may be in, with what is pending.
pub const CONFIGURATIONS_MAX: usize = 1 << 17;

/// The most steps between configurations of one machine.
pub const STEPS_MAX: usize = 1 << 23;

/// The most sets of configurations that observations tell apart, under all settings.
pub const SETS_MAX: usize = 1 << 16;

/// The most configurations in all these sets together.
pub const MEMBERS_MAX: usize = 1 << 24;

/// The most cases of settings that are looked at, and the most that are left when those that are no different have been
/// taken together.
pub const CASES_MAX: usize = 1 << 12;

/// The most states and edges of the automata of a table, all behaviours together. Names that are unusually long count
/// for more.
pub const EDGES_MAX: usize = 1 << 19;

/// The most fixed guards of one machine that no setting decides.
pub const HIDDEN_MAX: usize = 12;

/// A machine that has more to it than the projection is willing to compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// The name of the machine.
    pub machine: String,
    pub(super) limit: Limit,
    /// The state in which most triggers wait for other facts, and these triggers.
    pub(super) waiting: Option<(String, Vec<String>)>,
}

/// The most triggers that are named.
const NAMED_MAX: usize = 4;

impl TooLarge {
    /// Of this machine, there is too much of something.
    pub(super) fn of(machine: &Machine, limit: Limit) -> TooLarge {
        let waits = |state: StateId, trigger: FactId| {
            let mut rows = machine.rows.iter().filter(|row| row.from.contains(&state));
            let facts = machine.triggers() | machine.events();
            rows.any(|row| {
                row.cubes.iter().any(|cube| cube.set.contains(trigger) && (cube.set & facts) != trigger.into())
            })
        };
        let in_state = |state: StateId| -> Vec<String> {
            let triggers = machine.fact_ids().filter(|id| machine.fact(*id).is_trigger() && waits(state, *id));
            triggers.map(|id| machine.fact(id).name.clone()).collect()
        };
        let most = machine
            .state_ids()
            .map(|state| (state, in_state(state)))
            .max_by_key(|(state, names)| (names.len(), std::cmp::Reverse(*state)));
        let waiting = most.filter(|(_, names)| names.len() > 1);
        let waiting = waiting.map(|(state, names)| (machine.state(state).name.clone(), names));
        TooLarge { machine: machine.name.clone(), limit, waiting }
    }

    /// What to change about triggers that wait.
    fn advice(&self) -> String {
        let Some((state, names)) = &self.waiting else { return String::new() };
        let named: Vec<String> = names.iter().take(NAMED_MAX).map(|name| format!("`{name}`")).collect();
        let more = match names.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            ". In `{state}`, {}{more} wait for other facts: let each of them lead to a state of its own that waits for \
             these, or answer it with `ignore` or `refuse`",
            named.join(", ")
        )
    }
}

/// What there is too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    Configurations,
    Sets,
    Cases,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.limit {
            Limit::Configurations => {
                "too many facts can be pending in it in too many combinations; let fewer triggers wait at once, or fewer guards be decided by no capability"
            }
            Limit::Sets => {
                "too many of its courses have to be told apart by what they publish; let states that clients need not tell apart show one status"
            }
            Limit::Cases => {
                "it depends on too many combinations of settings; let fewer capabilities and parameters decide its rows"
            }
        };
        let advice = if self.limit == Limit::Configurations { self.advice() } else { String::new() };
        write!(out, "what a client can observe of machine `{}` cannot be computed: {what}{advice}", self.machine)
    }
}

impl std::error::Error for TooLarge {}

impl From<bdd::TooLarge> for Limit {
    fn from(_: bdd::TooLarge) -> Limit {
        Limit::Configurations
    }
}
