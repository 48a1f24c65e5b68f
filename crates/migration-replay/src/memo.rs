//! What follows from the same is the same: the last possibilities of a process, and what each observation made of them.
//!
//! A client that polls sees the same thing a hundred thousand times, and nothing follows from it that has not followed
//! before. What is kept is bounded, so a recording costs memory for what is different in it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::observation::Observation;
use super::step::Requests;
use super::way::Ways;

/// How many possibilities are kept in all, and how many observations.
const CONFIGS_MAX: usize = 200_000;
const STEPS_MAX: usize = 4_096;

/// What may be true at a moment: all that the future depends on.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) configs: Arc<Ways>,
    pub(super) requests: Requests,
}

/// Moments, and which observation led from one to another.
#[derive(Clone, Debug, Default)]
pub(super) struct Memo {
    moments: Vec<Moment>,
    by_hash: FxHashMap<u64, Vec<usize>>,
    next: FxHashMap<usize, FxHashMap<Observation, usize>>,
    /// How many possibilities and how many steps are kept.
    configs: usize,
    steps: usize,
    /// The present moment, if it is kept.
    present: Option<usize>,
}

impl Memo {
    /// Nothing is known of the present moment.
    pub(super) fn forget(&mut self) {
        self.present = None;
    }

    /// The moment to which an observation leads from the present one, if that is known; it is the present one then.
    pub(super) fn follow(&mut self, observation: &Observation) -> Option<&Moment> {
        let next = *self.next.get(&self.present?)?.get(observation)?;
        self.present = Some(next);
        self.moments.get(next)
    }

    /// An observation has led from the present moment to this one, which is the present one then. Returns the same
    /// moment, in fewer pieces of memory if it is known.
    pub(super) fn led(&mut self, observation: Observation, moment: Moment) -> Moment {
        if self.configs > CONFIGS_MAX || self.steps > STEPS_MAX {
            *self = Memo::default();
        }
        let before = self.present;
        let (id, moment) = self.id(moment);
        self.present = Some(id);
        if let Some(before) = before {
            self.steps += 1;
            self.next.entry(before).or_default().insert(observation, id);
        }
        moment
    }

    fn id(&mut self, moment: Moment) -> (usize, Moment) {
        let mut hasher = DefaultHasher::new();
        moment.requests.hash(&mut hasher);
        moment.configs.configs().for_each(|config| config.hash(&mut hasher));
        let ids = self.by_hash.entry(hasher.finish()).or_default();
        let is_same = |id: &&usize| {
            let known = &self.moments[**id];
            known.requests == moment.requests && known.configs.configs().eq(moment.configs.configs())
        };
        if let Some(id) = ids.iter().find(is_same) {
            return (*id, self.moments[*id].clone());
        }
        let id = self.moments.len();
        ids.push(id);
        self.configs += moment.configs.len();
        self.moments.push(moment.clone());
        (id, moment)
    }
}
