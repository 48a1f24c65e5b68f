//! What tests, benches and the tests of the crates above need: random tables with a public side, mutants of a table, and
//! simulated clients that the comparison is held against.

#![expect(clippy::unwrap_used, reason = "this serves tests alone")]

mod agreement;
mod changing;
mod clients;
mod conditions;
mod evidence;
mod headlines;
mod lists;
mod memory;
mod mutants;
#[cfg_attr(not(test), expect(dead_code, reason = "the tests of the projection ask for more than clients do"))]
pub(crate) mod naive;
mod plain;
mod reasons;
mod subject;
#[cfg(test)]
mod tests;

use fastrand::Rng;
use std::collections::BTreeSet;

use migration_table::model::{Admission, FactId, FactKind, Machine, Parameter, Table, Timeout};
use migration_table::testing;

pub use agreement::{Agreement, agreement};
pub use mutants::{chosen, count, mutants, tidy};
pub use subject::{Names, Subject};

/// Returns a table of one random machine, the same for the same seed.
pub fn random(seed: u64) -> Table {
    let dice = &mut Rng::with_seed(seed);
    let machine = testing::random(dice);
    testing::table(with_public_side(dice, machine))
}

/// The machine with some guards decided by settings, some waits with a time limit, some commands that must pass
/// something, and some classes of errors. No trigger is answered twice in a state.
fn with_public_side(dice: &mut Rng, mut machine: Machine) -> Machine {
    let name = machine.fact(FactId(4)).name.clone();
    for index in [4, 5] {
        let FactKind::Guard { capability, parameter, .. } = &mut machine.facts[index].kind else { panic!("a guard") };
        match dice.usize(..5) {
            0 => *capability = Some("one".to_owned()),
            1 => *capability = Some("two".to_owned()),
            2 => *parameter = Some(Parameter { name: "mode".to_owned(), is: Some("fast".to_owned()) }),
            _ => {}
        }
    }
    for index in [0, 1] {
        let FactKind::Trigger { admission, with, .. } = &mut machine.facts[index].kind else { panic!("a trigger") };
        *admission = match dice.usize(..6) {
            0 => Admission { veto: Some("bad".to_owned()), ..Admission::default() },
            1 => Admission { needs: vec![name.clone()], ..Admission::default() },
            2 => Admission { expects: Some("state".to_owned()), ..Admission::default() },
            _ => Admission::default(),
        };
        if dice.usize(..2) == 0 {
            with.extend([("resume".to_owned(), "true".to_owned()), ("again".to_owned(), "1".to_owned())]);
        }
    }
    for state in &mut machine.states {
        state.timeout = (dice.usize(..3) == 0).then_some(Timeout { event: FactId(2), after_ms: 1000 });
    }
    let mut answered = BTreeSet::new();
    for answer in &mut machine.answers {
        answer.class = (dice.usize(..3) == 0).then(|| "DeviceNotActive".to_owned());
        answer.states.retain(|state| answered.insert((answer.trigger, *state)));
    }
    machine.answers.retain(|answer| !answer.states.is_empty());
    machine
}
