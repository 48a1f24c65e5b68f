//! What a client sees of a machine while it changes settings.
//!
//! A lock has one automaton for each setting that stays as it is. Where a client that changes a setting is then, no lock
//! says: it depends on the states that the automata take together. So this is computed from a table, and kept nowhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::automaton::Automaton;
use super::settings::{SettingSet, Settings};

/// What is known of a machine whose settings change, without the reasons, and with them if it gives any; `None` if it was read
/// from a lock, or depends on no setting.
///
/// It is no part of what a lock says: any two are equal.
#[derive(Clone, Debug, Default)]
pub struct Changes(pub(crate) Option<Arc<Changing>>, pub(crate) Option<Arc<Changing>>);

impl Changes {
    /// What clients see that read the reasons.
    pub(crate) fn told(&self) -> Option<&Changing> {
        self.1.as_ref().or(self.0.as_ref()).map(Arc::as_ref)
    }
}

impl PartialEq for Changes {
    fn eq(&self, _: &Changes) -> bool {
        true
    }
}

impl Eq for Changes {}

/// A machine whose settings change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Changing {
    /// The names of the settings, sorted.
    pub(crate) settings: Vec<String>,
    /// Those that are looked at again at every step.
    pub(crate) steps: SettingSet,
    /// The settings that are told apart. Every setting is of exactly one case.
    pub(crate) cases: Vec<ChangingCase>,
}

/// How a machine behaves while these settings stay, whatever was set before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChangingCase {
    pub(crate) under: Settings,
    /// State 0 is where the machine begins. States behind [`ChangingCase::entries`] may be reached in no other way.
    pub(crate) automaton: Automaton,
    /// By state.
    pub(crate) stays: Vec<Stay>,
    /// Where a client is that changes to these settings, by the number of the place where it does so.
    pub(crate) entries: BTreeMap<u32, usize>,
    /// Those settings that are taken for an attempt, of this case.
    pub(crate) fixed: SettingSet,
}

/// Where a client may change settings. Places have numbers that mean the same in all cases of one machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Stay {
    /// The place between two attempts; `None` where the machine is in no idle state.
    pub(crate) idle: Option<u32>,
    /// Whether it is in an idle state for certain.
    pub(crate) is_over: bool,
    /// The place within an attempt, where settings are looked at again at every step; `None` where the machine takes no
    /// command, or there are no such settings.
    pub(crate) rest: Option<u32>,
}

impl Changing {
    /// The settings that some case names, as indices.
    pub(crate) fn asked(&self) -> impl Iterator<Item = usize> {
        let cubes = self.cases.iter().flat_map(|case| &case.under.0);
        SettingSet::union(cubes.map(|cube| cube.asks()))
            .iter()
            .map(|setting| setting.index())
            .collect::<Vec<_>>()
            .into_iter()
    }
}
