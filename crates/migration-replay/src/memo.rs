//! What follows from the same is the same: possibilities that were met, and what each observation made of them.
//!
//! A client that polls sees the same thing a hundred thousand times, and thousands of guests do what the first of them
//! did. So all processes of a replay share one store. What is kept is bounded, so a recording costs memory for what is
//! different in it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use migration_table::model::{IdSet, MessageId};
use rustc_hash::FxHashMap;

use super::observation::{Observation, Start};
use super::step::{Flavour, Requests};
use super::way::Ways;

/// How many possibilities are kept in all, and how many observations.
const CONFIGS_MAX: usize = 200_000;
const STEPS_MAX: usize = 4_096;

/// The messages that may have been sent before an observation, if it says something of that.
type Sends = Option<IdSet<MessageId>>;

/// What may be true at a moment: all that the future depends on.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) flavour: Flavour,
    pub(super) configs: Arc<Ways>,
    pub(super) requests: Requests,
}

/// Where a process is among the moments that are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Memo {
    store: Arc<Mutex<Store>>,
    /// The present moment, if it is kept, and the generation of the store that it is of.
    present: Option<(usize, usize)>,
}

/// Moments, and which observation led from one to another.
#[derive(Debug, Default)]
struct Store {
    /// How often everything was given up because there was too much.
    generation: usize,
    moments: Vec<Moment>,
    by_hash: FxHashMap<u64, Vec<usize>>,
    next: FxHashMap<usize, FxHashMap<Observation, (usize, Sends)>>,
    /// What may be true when a process begins; `None` if that is too much to follow.
    starts: FxHashMap<(Start, Flavour), Option<Arc<Ways>>>,
    /// How many possibilities and how many steps are kept.
    configs: usize,
    steps: usize,
}

impl Memo {
    /// The same store, and nothing is known of the present moment.
    pub(super) fn elsewhere(&self) -> Memo {
        Memo { store: self.store.clone(), present: None }
    }

    /// Nothing is known of the present moment.
    pub(super) fn forget(&mut self) {
        self.present = None;
    }

    /// What may be true at the start; `None` if that is too much to follow.
    pub(super) fn start(
        &mut self,
        start: &Start,
        flavour: Flavour,
        configs: impl FnOnce() -> Option<Ways>,
    ) -> Option<Arc<Ways>> {
        let key = (start.clone(), flavour);
        if let Some(known) = self.store().starts.get(&key) {
            return known.clone();
        }
        let configs = configs().map(Arc::new);
        self.store().starts.insert(key, configs.clone());
        configs
    }

    /// The moment to which an observation leads from the present one, if that is known; it is the present one then.
    pub(super) fn follow(
        &mut self,
        observation: &Observation,
        now: impl FnOnce() -> Moment,
    ) -> Option<(Moment, Sends)> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let present = match self.present {
            Some((generation, id)) if generation == store.generation => id,
            Some(_) | None => store.id(now()).0,
        };
        self.present = Some((store.generation, present));
        let (next, sends) = *store.next.get(&present)?.get(observation)?;
        self.present = Some((store.generation, next));
        Some((store.moments.get(next)?.clone(), sends))
    }

    /// An observation has led from the present moment to this one, which is the present one then. Returns the same
    /// moment, in fewer pieces of memory if it is known.
    pub(super) fn led(&mut self, observation: &Observation, moment: Moment, sends: Sends) -> Moment {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if store.configs > CONFIGS_MAX || store.steps > STEPS_MAX {
            *store = Store { generation: store.generation + 1, ..Store::default() };
        }
        let before = self.present.filter(|(generation, _)| *generation == store.generation);
        let (id, moment) = store.id(moment);
        if let Some((_, before)) = before {
            store.steps += 1;
            store.next.entry(before).or_default().insert(observation.clone(), (id, sends));
        }
        self.present = Some((store.generation, id));
        moment
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    fn id(&mut self, moment: Moment) -> (usize, Moment) {
        let mut hasher = DefaultHasher::new();
        (&moment.flavour, &moment.requests).hash(&mut hasher);
        moment.configs.configs().for_each(|config| config.hash(&mut hasher));
        let ids = self.by_hash.entry(hasher.finish()).or_default();
        let is_same = |id: &&usize| {
            let known = &self.moments[**id];
            known.requests == moment.requests
                && known.flavour == moment.flavour
                && known.configs.configs().eq(moment.configs.configs())
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
