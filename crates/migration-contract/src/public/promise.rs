//! Whether a promise to clients is kept by everything that a machine can show, under every setting; and if it is not,
//! what a client sees then.

use crate::public::automaton::{Automaton, AutomatonState, Label, Reply};
use crate::public::model::{Public, PublicGuarantee, PublicMachine};
use crate::public::settings::{Settings, impossible, is_possible};
use migration_table::model::{Anchor, Promise};
use migration_table::search::BreadthFirst;

/// How a promise is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken<'p> {
    /// The machine that breaks it.
    pub machine: &'p PublicMachine,
    /// The settings under which it does.
    pub under: &'p Settings,
    /// The shortest observations after which it is broken.
    pub trace: Vec<&'p Label>,
    /// What is wrong then.
    pub how: How,
}

/// What is wrong where a promise is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// The attempt may be over, with one of these statuses, none of which was promised.
    EndsWith(Vec<String>),
    /// The attempt may never be over, whatever else is observed.
    NeverEnds,
    /// The status was shown before the one that comes first.
    TooEarly,
}

/// Whether a side keeps a promise. A machine that is not there shows nothing and breaks none.
#[must_use]
pub fn is_kept(guarantee: &PublicGuarantee, side: &Public) -> bool {
    broken(guarantee, side).is_none()
}

/// How a side breaks a promise, if it does.
#[must_use]
pub fn broken<'p>(guarantee: &PublicGuarantee, side: &'p Public) -> Option<Broken<'p>> {
    let machine = side.machines.iter().find(|machine| machine.name == guarantee.machine)?;
    let impossible = impossible(&machine.settings);
    let can_be = |under: &Settings| under.0.iter().any(|case| is_possible(*case, &impossible));
    let found = machine.behaviours.iter().filter(|behaviour| can_be(&behaviour.under)).filter_map(|behaviour| {
        let (trace, how) = search(&behaviour.automaton, &guarantee.promise)?;
        Some(Broken { machine, under: &behaviour.under, trace, how })
    });
    found.min_by_key(|broken| broken.trace.len())
}

/// How far a promise has come on the way to a state of the automaton.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    /// What it begins with was not observed, or not in this attempt.
    Outside,
    /// It was.
    Inside,
    /// It is broken.
    Broken,
}

/// The shortest observations that break a promise.
fn search<'p>(automaton: &'p Automaton, promise: &Promise) -> Option<(Vec<&'p Label>, How)> {
    let mut search = BreadthFirst::new([(0, Phase::Outside)]);
    while let Some((number, (at, phase))) = search.next_node() {
        let state = &automaton.states[at];
        if let Some(how) = wrong(state, phase, promise) {
            return Some((search.path_to(number).into_iter().copied().collect(), how));
        }
        for (label, edge) in &state.edges {
            for phase in next(state, phase, label, &automaton.states[edge.to], promise) {
                search.reach(number, label, (edge.to, phase));
            }
        }
    }
    None
}

/// What is wrong here, if something is.
fn wrong(state: &AutomatonState, phase: Phase, promise: &Promise) -> Option<How> {
    match (promise, phase) {
        (Promise::Ends { ends, .. }, Phase::Inside) => {
            let other = || {
                state
                    .shows
                    .iter()
                    .map(|shown| &shown.status)
                    .filter(|status| !ends.contains(status))
                    .cloned()
                    .collect::<Vec<_>>()
            };
            // An attempt that waits for a command has not ended, and breaks nothing.
            if state.trapped && !state.rests {
                Some(How::NeverEnds)
            } else if state.ends && !other().is_empty() {
                Some(How::EndsWith(other()))
            } else {
                None
            }
        }
        (Promise::Before { .. }, Phase::Broken) => Some(How::TooEarly),
        (Promise::Ends { .. }, Phase::Outside | Phase::Broken) => None,
        (Promise::Before { .. }, Phase::Outside | Phase::Inside) => None,
    }
}

/// How far the promise has come after one more observation.
fn next(from: &AutomatonState, phase: Phase, label: &Label, to: &AutomatonState, promise: &Promise) -> Vec<Phase> {
    match promise {
        Promise::Ends { after, .. } => {
            let begins = match (label, after) {
                (Label::Event(shown), Anchor::Status(name)) => shown.status == *name,
                // A command is known by its name, whatever arguments tell it from others. Where nothing was under way
                // and nothing is, success means that it was ignored.
                (Label::Reply(command, Reply::Success), Anchor::Command(name)) => {
                    command.split(' ').next() == Some(name) && !(from.ends && to.ends)
                }
                (Label::Event(_), Anchor::Command(_))
                | (Label::Reply(..), Anchor::Status(_))
                | (Label::Reply(_, Reply::Error(_)), Anchor::Command(_)) => false,
            };
            let goes_on = match phase {
                Phase::Inside if from.ends => None,
                Phase::Outside | Phase::Inside => Some(phase),
                Phase::Broken => None,
            };
            goes_on.into_iter().chain(begins.then_some(Phase::Inside)).collect()
        }
        Promise::Before { before, comes } => {
            // A new attempt begins where one may be over.
            let has_come = phase == Phase::Inside && !from.ends;
            vec![match label {
                Label::Event(shown) if shown.status == *before && !has_come => Phase::Broken,
                Label::Event(shown) if shown.status == *comes => Phase::Inside,
                Label::Event(_) | Label::Reply(..) if has_come => Phase::Inside,
                Label::Event(_) | Label::Reply(..) => Phase::Outside,
            }]
        }
    }
}

#[cfg(test)]
mod tests;
