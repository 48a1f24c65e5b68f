//! One machine alone, as a finite automaton: every configuration it can rest in, and every step out of it.
//!
//! The composition of several machines takes millions of steps. Each of them is looked up here, so the one step function
//! of the table is asked once for every configuration of a machine and every input, and never during the search.

mod local;
mod relevance;
mod signature;
mod step;

use std::collections::HashMap;
use std::ops::Range;

use migration_table::model::{FactSet, Kind, Machine, StateId};

use crate::names::Invalid;

pub(crate) use local::{Local, LocalId};
pub(crate) use relevance::Relevance;
pub(crate) use signature::{Letter, Signature};
pub(crate) use step::{Input, Step};

/// One machine alone.
#[derive(Clone, Debug)]
pub(crate) struct Automaton<'t> {
    pub(crate) machine: &'t Machine,
    pub(crate) locals: Vec<Local>,
    /// The steps out of each configuration.
    pub(crate) steps: Vec<Vec<Step>>,
    /// Which of the steps out of each configuration read a message: they come one after the other.
    pub(crate) reading: Vec<Range<usize>>,
    /// The messages that the state of each configuration awaits, as a bit set of letters.
    pub(crate) awaits: Vec<u64>,
    pub(crate) idle: Vec<bool>,
    /// Whether an attempt can begin in each configuration.
    pub(crate) begins: Vec<bool>,
    pub(crate) initial: LocalId,
    pub(crate) down: LocalId,
}

impl<'t> Automaton<'t> {
    /// Enumerates the configurations of a machine that may receive any message at any time.
    pub(crate) fn new(machine: &'t Machine, signature: &Signature) -> Result<Automaton<'t>, Invalid> {
        let relevance = Relevance::of(machine, signature);
        let start =
            Local { state: machine.initial, facts: FactSet::EMPTY, markers: signature.initially, is_down: false };
        let down = Local { markers: 0, is_down: true, ..start };
        let mut ids = HashMap::from([(start, 0), (down, 1)]);
        let mut locals = vec![start, down];
        let mut steps = Vec::new();
        while steps.len() < locals.len() {
            let local = locals[steps.len()];
            let mut out = Vec::new();
            for (input, outcome) in step::outcomes(machine, signature, &relevance, local)? {
                let next = LocalId::try_from(locals.len()).map_err(|_| too_large(machine))?;
                let to = *ids.entry(outcome.local).or_insert(next);
                if to == next {
                    locals.push(outcome.local);
                }
                let step = Step::new(machine, signature, input, &outcome, local, to);
                if (usize::from(to) != steps.len() || !step.rows.is_empty()) && !out.contains(&step) {
                    out.push(step);
                }
            }
            steps.push(out);
        }
        let awaits = locals.iter().map(|local| signature.awaited(machine, local)).collect();
        let idle = locals.iter().map(|local| machine.state(local.state).kind == Kind::Idle).collect();
        let begins = steps.iter().map(|steps| steps.iter().any(|step| step.begins)).collect();
        let reading = steps.iter().map(|steps| reading(steps)).collect();
        Ok(Automaton { machine, locals, steps, reading, awaits, idle, begins, initial: 0, down: 1 })
    }

    /// Returns the configurations in one of these states, dead hosts left out.
    pub(crate) fn in_states(&self, states: &[StateId]) -> Vec<bool> {
        self.locals.iter().map(|local| !local.is_down && states.contains(&local.state)).collect()
    }
}

fn reading(steps: &[Step]) -> Range<usize> {
    let reads = |step: &Step| matches!(step.input, Input::Receive { .. });
    let first = steps.iter().position(reads).unwrap_or(steps.len());
    let many = steps[first..].iter().take_while(|step| reads(step)).count();
    assert!(!steps[first + many..].iter().any(reads), "steps that read come one after the other");
    first..first + many
}

fn too_large(machine: &Machine) -> Invalid {
    Invalid::TooLarge(format!("machine `{}` has more than 65,535 configurations", machine.name))
}
