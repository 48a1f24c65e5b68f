//! What a host can come to however many attempts there are, if its peers say whatever some row of theirs sends.

use rustc_hash::FxHashSet;

use crate::automaton::{Automaton, Input, Letter};
use crate::composition::Composition;

/// For each machine its configurations that a host can come to so. More attempts cannot add any.
pub(crate) fn within_reach(composition: &Composition<'_>) -> Vec<Vec<bool>> {
    let mut sent: FxHashSet<Letter> = FxHashSet::default();
    loop {
        let before = sent.len();
        let reached: Vec<Vec<bool>> = composition.automata.iter().map(|of| reached(of, &mut sent)).collect();
        if sent.len() == before {
            return reached;
        }
    }
}

/// The configurations that a machine comes to with the messages that are sent; adds what it sends itself.
fn reached(of: &Automaton<'_>, sent: &mut FxHashSet<Letter>) -> Vec<bool> {
    let mut reached = vec![false; of.locals.len()];
    let mut worklist = vec![of.initial, of.down];
    while let Some(at) = worklist.pop() {
        if std::mem::replace(&mut reached[usize::from(at)], true) {
            continue;
        }
        for step in &of.steps[usize::from(at)] {
            if matches!(step.input, Input::Receive { letter, .. } if !sent.contains(&letter)) {
                continue;
            }
            sent.extend(&step.sends);
            worklist.push(step.to);
        }
    }
    reached
}
