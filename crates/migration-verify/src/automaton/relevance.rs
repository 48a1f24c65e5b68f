//! Which facts can still decide anything in a state. All others are forgotten, so that equal futures are one
//! configuration: without this, every fixed guard would double the configurations until the attempt ends.

use migration_table::model::{FactKind, FactSet, Kind, Machine, StateId};
use migration_table::step;

use super::signature::Signature;

/// For each state the facts that a configuration there must remember.
#[derive(Clone, Debug)]
pub(crate) struct Relevance {
    remembered: Vec<FactSet>,
    asked: Vec<FactSet>,
    /// The fixed guards that any row of the machine mentions.
    pub(crate) sampled: FactSet,
}

impl Relevance {
    pub(crate) fn of(machine: &Machine, signature: &Signature) -> Relevance {
        let mentions: Vec<FactSet> = machine.state_ids().map(|state| machine.mentioned_in(state)).collect();
        let needed: Vec<FactSet> = mentions.iter().map(|facts| *facts | guards_of_commands(machine, *facts)).collect();
        let reachable = reachable_fixed(machine, &needed);
        let (fixed, events) = (machine.fixed_guards(), machine.events());
        let remembered = mentions.iter().zip(&reachable);
        let remembered =
            remembered.map(|(own, later)| machine.triggers() | *own & (events | signature.received) | *later & fixed);
        let asked = mentions.iter().map(|own| *own & machine.open_guards()).collect();
        let sampled = FactSet::union(reachable.iter().copied()) & fixed;
        Relevance { remembered: remembered.collect(), asked, sampled }
    }

    /// The facts that a configuration in the state must remember.
    pub(crate) fn remembered(&self, state: StateId) -> FactSet {
        self.remembered[state.index()]
    }

    /// The guards that are asked anew at each step out of the state.
    pub(crate) fn asked(&self, state: StateId) -> FactSet {
        self.asked[state.index()]
    }
}

/// The guards that decide whether the commands of these triggers are admitted.
fn guards_of_commands(machine: &Machine, facts: FactSet) -> FactSet {
    let needed = facts.iter().filter_map(|id| match &machine.fact(id).kind {
        FactKind::Trigger { admission, .. } => Some(step::needed_by(machine, admission)),
        FactKind::Event | FactKind::Message(_) | FactKind::Guard { .. } => None,
    });
    FactSet::union(needed)
}

/// For each state what is mentioned there or in a state that can follow within the attempt.
fn reachable_fixed(machine: &Machine, mentions: &[FactSet]) -> Vec<FactSet> {
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
