//! Where the machines of a process may be.

use std::collections::BTreeSet;

use migration_table::model::StateId;

use super::way::Ways;

/// Where one machine of a process may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// The states in which it may be right after what was seen last.
    pub now: BTreeSet<StateId>,
    /// The other states into which it may have come since, without anything to be seen.
    pub later: BTreeSet<StateId>,
}

/// Returns where each of so many machines may be: right after what was seen last, and since.
pub(super) fn of(machines: usize, now: &Ways, since: &Ways) -> Vec<Whereabouts> {
    let states = |ways: &Ways, machine: usize| ways.configs().map(|config| config.places[machine].state).collect();
    let of_machine = |machine| {
        let now: BTreeSet<StateId> = states(now, machine);
        let later: BTreeSet<StateId> = states(since, machine);
        Whereabouts { later: later.difference(&now).copied().collect(), now }
    };
    (0..machines).map(of_machine).collect()
}
