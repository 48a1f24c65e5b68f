//! Under which settings something holds, in words.

use std::collections::HashMap;

use super::words::quoted;
use crate::bdd::{Bdd, Diagrams, TooLarge};
use crate::condition::{Cube, between};
use crate::model::FactId;
use crate::public::PublicMachine;

/// The cases of a machine, and words for sets of them.
pub(super) struct When<'p> {
    machine: &'p PublicMachine,
    diagrams: Diagrams,
    /// By behaviour, its settings.
    under: Vec<Result<Bdd, TooLarge>>,
    known: HashMap<Vec<usize>, String>,
}

impl<'p> When<'p> {
    pub(super) fn new(machine: &'p PublicMachine) -> When<'p> {
        let mut diagrams = Diagrams::new();
        let under = machine.behaviours.iter().map(|behaviour| union(&mut diagrams, &behaviour.under.0)).collect();
        When { machine, diagrams, under, known: HashMap::new() }
    }

    /// ` when ...` for what holds in these behaviours, by their numbers in order; nothing if it holds in all.
    pub(super) fn of(&mut self, behaviours: &[usize]) -> String {
        if behaviours.len() == self.machine.behaviours.len() {
            return String::new();
        }
        if let Some(known) = self.known.get(behaviours) {
            return known.clone();
        }
        let under = |index: &usize| self.machine.behaviours[*index].under.0.iter().copied();
        // Where the fewest words cannot be found, more words say the same.
        let cases = self.fewest(behaviours).unwrap_or_else(|_| behaviours.iter().flat_map(under).collect());
        let text = format!(" when {}", self::text(&self.machine.settings, &cases));
        self.known.insert(behaviours.to_vec(), text.clone());
        text
    }

    fn fewest(&mut self, behaviours: &[usize]) -> Result<Vec<Cube>, TooLarge> {
        let mut any = Bdd::NEVER;
        for index in behaviours {
            any = self.diagrams.or(any, self.under[*index]?)?;
        }
        between(&mut self.diagrams, any, any)
    }
}

/// The fewest cases that hold wherever one of these does.
pub(super) fn fewest(diagrams: &mut Diagrams, cases: &[Cube]) -> Result<Vec<Cube>, TooLarge> {
    let any = union(diagrams, cases)?;
    between(diagrams, any, any)
}

/// The settings in which one of the cases holds.
pub(super) fn union(diagrams: &mut Diagrams, cases: &[Cube]) -> Result<Bdd, TooLarge> {
    let mut any = Bdd::NEVER;
    for case in cases {
        let mut all = Bdd::ALWAYS;
        for fact in (0..64).map(FactId).filter(|fact| (case.set | case.clear) & fact.bit() != 0) {
            let (without, with) = if case.set & fact.bit() == 0 { (all, Bdd::NEVER) } else { (Bdd::NEVER, all) };
            all = diagrams.branch(fact, without, with)?;
        }
        any = diagrams.or(any, all)?;
    }
    Ok(any)
}

/// Cases in words: `pause-before-switchover and not multifd or x-colo`.
pub(super) fn text(settings: &[String], cases: &[Cube]) -> String {
    let case = |case: &Cube| {
        let literal = |(index, name): (usize, &String)| match (case.set >> index & 1, case.clear >> index & 1) {
            (1, _) => Some(quoted(name)),
            (_, 1) => Some(format!("not {}", quoted(name))),
            _ => None,
        };
        let literals: Vec<String> = settings.iter().take(64).enumerate().filter_map(literal).collect();
        if literals.is_empty() { "always".to_owned() } else { literals.join(" and ") }
    };
    cases.iter().map(case).collect::<Vec<_>>().join(" or ")
}
