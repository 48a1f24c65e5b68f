//! Which facts can still decide anything in a state. All others are forgotten, so that equal futures are one
//! configuration: without this, every fixed guard would double the configurations until the attempt ends.

use migration_table::model::{FactKind, Kind, Machine, StateId};

use super::signature::Signature;

/// For each state the facts that a configuration there must remember.
#[derive(Clone, Debug)]
pub(crate) struct Relevance {
    remembered: Vec<u64>,
    asked: Vec<u64>,
    /// The fixed guards that any row of the machine mentions.
    pub(crate) sampled: u64,
}

impl Relevance {
    pub(crate) fn of(machine: &Machine, signature: &Signature) -> Relevance {
        let mut mentions = vec![0; machine.states.len()];
        for row in &machine.rows {
            row.from.iter().for_each(|state| mentions[state.index()] |= row.mentions);
        }
        let needed: Vec<u64> = mentions.iter().map(|facts| facts | guards_of_commands(machine, *facts)).collect();
        let reachable = reachable_fixed(machine, &needed);
        let (fixed, events) = (machine.fixed_guards(), machine.events());
        let remembered = mentions.iter().zip(&reachable);
        let remembered =
            remembered.map(|(own, later)| machine.triggers() | own & (events | signature.received) | later & fixed);
        let asked = mentions.iter().map(|own| own & machine.guards() & !fixed).collect();
        let sampled = reachable.iter().fold(0, |all, facts| all | facts & fixed);
        Relevance { remembered: remembered.collect(), asked, sampled }
    }

    /// The facts that a configuration in the state must remember.
    pub(crate) fn remembered(&self, state: StateId) -> u64 {
        self.remembered[state.index()]
    }

    /// The guards that are asked anew at each step out of the state.
    pub(crate) fn asked(&self, state: StateId) -> u64 {
        self.asked[state.index()]
    }
}

/// The guards that decide whether the commands of these triggers are admitted.
fn guards_of_commands(machine: &Machine, facts: u64) -> u64 {
    let mut guards = 0;
    for (id, fact) in machine.fact_ids().zip(&machine.facts) {
        if let FactKind::Trigger { admission, .. } = &fact.kind
            && facts & id.bit() != 0
        {
            let needs = admission.needs.iter().filter_map(|name| machine.fact_id(name));
            guards |= needs.fold(0, |bits, guard| bits | guard.bit());
        }
    }
    guards
}

/// For each state what is mentioned there or in a state that can follow within the attempt.
fn reachable_fixed(machine: &Machine, mentions: &[u64]) -> Vec<u64> {
    let mut reachable = mentions.to_vec();
    loop {
        let before = reachable.clone();
        for row in &machine.rows {
            if machine.state(row.to).kind != Kind::Idle {
                let later = reachable[row.to.index()];
                row.from.iter().for_each(|state| reachable[state.index()] |= later);
            }
        }
        if before == reachable {
            return reachable;
        }
    }
}
