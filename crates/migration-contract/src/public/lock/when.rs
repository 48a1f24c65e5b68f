//! Under which settings something holds, in words: the fewest cases, so that a line does not change where what it says
//! does not.

use rustc_hash::FxHashMap;

use super::words::quoted;
use crate::public::model::PublicMachine;
use crate::public::settings::{SettingCube, SettingId, Settings};
use migration_table::bdd::{Bdd, Diagrams, TooLarge};
use migration_table::cases::{between, union};

/// The cases of a machine, and words for sets of them.
pub(super) struct When<'p> {
    machine: &'p PublicMachine,
    diagrams: Diagrams<SettingId>,
    /// By behaviour, its settings.
    under: Vec<Result<Bdd, TooLarge>>,
    known: FxHashMap<Vec<usize>, String>,
}

impl<'p> When<'p> {
    pub(super) fn new(machine: &'p PublicMachine) -> When<'p> {
        let mut diagrams = Diagrams::new();
        let under = machine.behaviours.iter().map(|behaviour| union(&mut diagrams, &behaviour.under.0)).collect();
        When { machine, diagrams, under, known: FxHashMap::default() }
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
        let text = format!(" when {}", Settings(cases).text(&self.machine.settings, quoted));
        self.known.insert(behaviours.to_vec(), text.clone());
        text
    }

    fn fewest(&mut self, behaviours: &[usize]) -> Result<Vec<SettingCube>, TooLarge> {
        let mut any = Bdd::NEVER;
        for index in behaviours {
            any = self.diagrams.or(any, self.under[*index]?)?;
        }
        between(&mut self.diagrams, any, any)
    }
}
