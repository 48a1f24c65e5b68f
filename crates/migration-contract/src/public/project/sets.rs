//! What a machine may be in after the same observations: sets of configurations, and what leads from one to another.
//!
//! The sets of all settings are in one collection. What leads on from a set is computed once for all settings that say
//! the same of whatever was looked at.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::bounds::{Limit, MEMBERS_MAX, SETS_MAX};
use super::outline::{PlaceId, View, number};
use super::reach::Reach;
use super::steps::{ConfigId, Graph, Seen};
use crate::public::settings::SettingSet;

/// A set, as a number.
pub(super) type SetId = u32;

/// Configurations that no observation has told apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Set {
    /// Those in which something can be seen next, or in which the machine rests. Sorted.
    pub(super) members: Vec<ConfigId>,
    /// What is shown in those in which the machine rests; if it rests in none, in all through which it passes. Sorted.
    pub(super) shows: Vec<View>,
    /// Whether it rests in all members.
    is_at_rest: bool,
}

/// What leads from a set to another.
#[derive(Clone, Debug)]
pub(super) struct Arc {
    pub(super) label: u32,
    pub(super) to: SetId,
    /// Sorted.
    pub(super) places: Vec<PlaceId>,
}

/// The settings that were looked at, what they were, and what leads on then.
type Known = (SettingSet, SettingSet, Rc<Vec<Arc>>);

/// All sets that were met so far.
#[derive(Default)]
pub(super) struct Sets {
    sets: Vec<Rc<Set>>,
    ids: FxHashMap<Rc<Set>, SetId>,
    known: Vec<Vec<Known>>,
    members: usize,
    /// By configuration, the last search that has met it.
    met: Vec<u32>,
    search: u32,
}

impl Sets {
    pub(super) fn get(&self, id: SetId) -> &Set {
        &self.sets[id as usize]
    }

    /// The set in which the machine begins.
    pub(super) fn initial(&mut self, graph: &Graph<'_>, reach: &Reach) -> Result<SetId, Limit> {
        self.closed(graph, reach, vec![reach.initial], &mut SettingSet::default())
    }

    /// What leads on from a set.
    pub(super) fn arcs(
        &mut self,
        graph: &Graph<'_>,
        reach: &Reach,
        id: SetId,
        setting: SettingSet,
    ) -> Result<Rc<Vec<Arc>>, Limit> {
        if let Some((_, _, arcs)) = self.known[id as usize].iter().find(|(asks, said, _)| setting & *asks == *said) {
            return Ok(Rc::clone(arcs));
        }
        let set = Rc::clone(&self.sets[id as usize]);
        let (mut seen, mut asks) = (Vec::<Seen>::new(), SettingSet::EMPTY);
        for steps in set.members.iter().filter_map(|member| reach.steps(*member)) {
            asks |= steps.asks;
            seen.extend(&steps.seen);
        }
        seen.sort_unstable();
        let mut arcs = Vec::new();
        // Many commands are answered and change nothing; where they lead is computed once.
        let mut led = FxHashMap::<Vec<ConfigId>, SetId>::default();
        for seen in seen.chunk_by(|a, b| a.label == b.label) {
            let mut targets: Vec<ConfigId> = seen.iter().map(|seen| seen.to).collect();
            targets.dedup();
            let mut places: Vec<PlaceId> = seen.iter().map(|seen| seen.place).collect();
            places.sort_unstable();
            places.dedup();
            let to = match led.get(&targets) {
                Some(to) => *to,
                None => {
                    let to = self.closed(graph, reach, targets.clone(), &mut asks)?;
                    led.insert(targets, to);
                    to
                }
            };
            arcs.push(Arc { label: seen[0].label, to, places });
        }
        let mut answering = answering(graph, &set);
        for view in set.shows.iter().copied() {
            let to = match answering.remove(&view) {
                // Where nothing is about to be published, the only answer tells nothing.
                Some(members) if !set.is_at_rest || set.shows.len() > 1 => {
                    self.closed(graph, reach, members, &mut asks)?
                }
                Some(_) | None => id,
            };
            arcs.push(Arc { label: graph.outline.query(view), to, places: Vec::new() });
        }
        arcs.sort_by_key(|arc| arc.label);
        let arcs = Rc::new(arcs);
        self.known[id as usize].push((asks, setting & asks, Rc::clone(&arcs)));
        Ok(arcs)
    }

    /// The set of these configurations and of those to which they lead without anything being seen.
    pub(super) fn closed(
        &mut self,
        graph: &Graph<'_>,
        reach: &Reach,
        from: Vec<ConfigId>,
        asks: &mut SettingSet,
    ) -> Result<SetId, Limit> {
        self.met.resize(graph.configs.len(), 0);
        self.search += 1;
        let (mut members, mut resting, mut passing, mut todo) = (Vec::new(), Vec::new(), Vec::new(), from);
        todo.iter().for_each(|id| self.met[*id as usize] = self.search);
        while let Some(id) = todo.pop() {
            let Some(steps) = reach.steps(id) else { continue };
            *asks |= steps.asks;
            let config = graph.configs[id as usize];
            let view = graph.view(id);
            let shows = if config.is_due { &mut passing } else { &mut resting };
            if !shows.contains(&view) {
                shows.push(view);
            }
            if !config.is_due || !steps.seen.is_empty() {
                members.push(id);
            }
            for to in &steps.silent {
                if std::mem::replace(&mut self.met[*to as usize], self.search) != self.search {
                    todo.push(*to);
                }
            }
        }
        members.sort_unstable();
        let is_at_rest = members.iter().all(|id| !graph.configs[*id as usize].is_due);
        // A machine that looks for a row takes no query.
        let mut shows = if resting.is_empty() { passing } else { resting };
        shows.sort_unstable();
        self.id(Set { members, shows, is_at_rest })
    }

    fn id(&mut self, set: Set) -> Result<SetId, Limit> {
        if let Some(id) = self.ids.get(&set) {
            return Ok(*id);
        }
        self.members += set.members.len();
        if self.sets.len() >= SETS_MAX || self.members > MEMBERS_MAX {
            return Err(Limit::Sets);
        }
        let (id, set) = (number(self.sets.len()), Rc::new(set));
        self.sets.push(Rc::clone(&set));
        self.ids.insert(set, id);
        self.known.push(Vec::new());
        Ok(id)
    }
}

/// The members that answer a query, by what it shows.
fn answering(graph: &Graph<'_>, set: &Set) -> BTreeMap<View, Vec<ConfigId>> {
    let mut answering: BTreeMap<View, Vec<ConfigId>> = BTreeMap::new();
    for id in set.members.iter().copied().filter(|id| !graph.configs[*id as usize].is_due) {
        answering.entry(graph.view(id)).or_default().push(id);
    }
    answering
}
