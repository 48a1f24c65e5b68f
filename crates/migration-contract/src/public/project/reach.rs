//! Everything that a machine can do under one setting, and where it may come to rest.

use std::rc::Rc;

use super::bounds::Limit;
use super::outline::number;
use super::steps::{ConfigId, Graph, Setting, Steps};
use crate::public::settings::SettingSet;
use migration_table::search::{self, BreadthFirst};

/// The configurations that a machine reaches under a setting.
pub(super) struct Reach {
    pub(super) initial: ConfigId,
    /// By configuration, what can happen next; none if it is not reached.
    steps: Vec<Option<Rc<Steps>>>,
    /// By configuration, what is to be said of it.
    traits: Vec<Traits>,
    /// The settings that were looked at. Any setting that says the same of these gives the same.
    pub(super) asks: SettingSet,
}

/// What is to be said of a configuration.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Traits {
    /// Whether the machine may stay here for ever unless a command comes.
    pub(super) rests: bool,
    /// Whether the attempt is over.
    pub(super) ends: bool,
    /// Whether no idle state can be reached without a further command, and this is none.
    pub(super) trapped: bool,
}

impl Reach {
    pub(super) fn new(graph: &mut Graph<'_>, setting: Setting) -> Result<Reach, Limit> {
        let initial = graph.initial()?;
        Reach::from(graph, setting, [initial])
    }

    /// The same where the machine may be in any of these configurations at first.
    pub(super) fn from(
        graph: &mut Graph<'_>,
        setting: Setting,
        starts: impl IntoIterator<Item = ConfigId>,
    ) -> Result<Reach, Limit> {
        let initial = graph.initial()?;
        let (mut steps, mut asks, mut search) = (Vec::new(), SettingSet::EMPTY, BreadthFirst::new(starts));
        while let Some((number, id)) = search.next_node() {
            let here = graph.steps(id, setting)?;
            asks |= here.asks;
            for to in here.silent.iter().copied().chain(here.seen.iter().map(|seen| seen.to)) {
                search.reach(number, (), to);
            }
            if steps.len() <= id as usize {
                steps.resize(graph.configs.len(), None);
            }
            steps[id as usize] = Some(here);
        }
        let mut reach = Reach { initial, steps, traits: vec![Traits::default(); graph.configs.len()], asks };
        reach.characterise(graph, search.nodes());
        Ok(reach)
    }

    /// What can happen next in a configuration that is reached.
    pub(super) fn steps(&self, id: ConfigId) -> Option<&Steps> {
        self.steps.get(id as usize).and_then(Option::as_deref)
    }

    /// The configurations that are reached.
    pub(super) fn configs(&self) -> impl Iterator<Item = ConfigId> + '_ {
        (0..number(self.steps.len())).filter(|id| self.steps(*id).is_some())
    }

    pub(super) fn traits(&self, id: ConfigId) -> Traits {
        self.traits[id as usize]
    }

    fn characterise(&mut self, graph: &Graph<'_>, order: &[ConfigId]) {
        let outline = graph.outline;
        let place = |id: ConfigId| &outline.states[graph.configs[id as usize].state.index()];
        let before = self.before(graph, order, |_, _| true);
        let surely_before = self.before(graph, order, |steps, to| !steps.unsure.contains(&to));
        let publishes = |id: &ConfigId| {
            graph.configs[*id as usize].is_due && self.steps(*id).is_some_and(|steps| !steps.seen.is_empty())
        };
        // Rows that fire for ever without anybody being shown it lead nowhere, and neither a failure need come nor what a peer
        // sends or happens outside.
        let gets_on = back(&surely_before, order.iter().copied().filter(publishes));
        let comes_home = back(&before, order.iter().copied().filter(|id| place(*id).is_idle));
        for id in order.iter().copied().filter(|id| !graph.configs[*id as usize].is_due) {
            let place = place(id);
            self.traits[id as usize] = Traits {
                rests: place.is_idle || place.is_patient || !gets_on[id as usize],
                ends: place.is_idle,
                trapped: !place.is_idle && !comes_home[id as usize],
            };
        }
    }

    /// From where each configuration can be reached in one step that is no command, by the silent steps that count.
    fn before(
        &self,
        graph: &Graph<'_>,
        order: &[ConfigId],
        counts: impl Fn(&Steps, ConfigId) -> bool,
    ) -> Vec<Vec<ConfigId>> {
        let mut before = vec![Vec::new(); self.traits.len()];
        for id in order {
            let Some(steps) = self.steps(*id) else { continue };
            let silent = steps.silent.iter().filter(|to| counts(steps, **to));
            silent.for_each(|to| before[*to as usize].push(*id));
            // What is seen of a machine that is due is published by it; what is seen of one that rests are replies.
            if graph.configs[*id as usize].is_due {
                steps.seen.iter().for_each(|seen| before[seen.to as usize].push(*id));
            }
        }
        before
    }
}

/// What leads to one of these.
fn back(before: &[Vec<ConfigId>], from: impl Iterator<Item = ConfigId>) -> Vec<bool> {
    let mut leads = vec![false; before.len()];
    let reached = search::reachable(from, |id| before[*id as usize].iter().copied());
    reached.into_iter().for_each(|id| leads[id as usize] = true);
    leads
}
