//! How a possibility came about: the rows that fired on a shortest way to it.
//!
//! Of several ways to the same possibility the one with fewest rows is kept, and of those the one with fewest other
//! steps. What is left open is decided by the order of the possibilities, so the same recording gives the same way.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::config::Config;
use migration_table::model::StateId;

/// A row that fired in a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fired {
    /// Index of the machine.
    pub(super) machine: usize,
    /// The state that it left.
    pub(super) from: StateId,
    /// The row, as an index into the rows of the machine.
    pub(super) row: usize,
}

/// A way to a possibility. All ways are equal where nobody asks for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Way {
    /// How many rows fired, and how many steps were taken in all.
    length: (usize, usize),
    last: Option<Arc<Link>>,
}

/// A row on a way, and the way to it.
#[derive(Debug)]
struct Link {
    before: Option<Arc<Link>>,
    fired: Fired,
    seen: usize,
}

/// Possibilities, each with a shortest way to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Ways(BTreeMap<Config, Way>);

impl Way {
    /// How long it is: shorter ways are less.
    pub(super) fn length(&self) -> (usize, usize) {
        self.length
    }

    /// The way with one more step, which a row may be; `seen` says what was seen next.
    pub(super) fn with(&self, fired: Option<Fired>, seen: usize) -> Way {
        let (rows, steps) = self.length;
        match fired {
            None => Way { length: (rows, steps + 1), last: self.last.clone() },
            Some(fired) => Way {
                length: (rows + 1, steps + 1),
                last: Some(Arc::new(Link { before: self.last.clone(), fired, seen })),
            },
        }
    }

    /// The rows in their order, each with what was seen next.
    pub(super) fn rows(&self) -> Vec<(Fired, usize)> {
        let mut rows: Vec<(Fired, usize)> = self.links().map(|link| (link.fired, link.seen)).collect();
        rows.reverse();
        rows
    }

    fn links(&self) -> impl Iterator<Item = &Link> {
        std::iter::successors(self.last.as_deref(), |link| link.before.as_deref())
    }
}

impl Ways {
    /// Adds a possibility. Whether it is new, or this way is shorter than the one that is known.
    pub(super) fn add(&mut self, config: Config, way: Way) -> bool {
        match self.0.get(&config) {
            Some(known) if known.length <= way.length => false,
            Some(_) | None => {
                self.0.insert(config, way);
                true
            }
        }
    }

    pub(super) fn get(&self, config: &Config) -> Option<&Way> {
        self.0.get(config)
    }

    /// In the order of the possibilities.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Config, &Way)> {
        self.0.iter()
    }

    pub(super) fn configs(&self) -> impl Iterator<Item = &Config> {
        self.0.keys()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each possibility changed, with the way to it.
    pub(super) fn changed(self, change: impl Fn(Config) -> Config) -> Ways {
        self.0.into_iter().map(|(config, way)| (change(config), way)).collect()
    }

    pub(super) fn retain(&mut self, is_kept: impl Fn(&Config) -> bool) {
        self.0.retain(|config, _| is_kept(config));
    }
}

impl FromIterator<(Config, Way)> for Ways {
    fn from_iter<I: IntoIterator<Item = (Config, Way)>>(all: I) -> Ways {
        let mut ways = Ways::default();
        for (config, way) in all {
            ways.add(config, way);
        }
        ways
    }
}

/// Link by link: a long way would otherwise be taken down by as many calls within each other.
impl Drop for Link {
    fn drop(&mut self) {
        let mut before = self.before.take();
        while let Some(mut link) = before.and_then(Arc::into_inner) {
            before = link.before.take();
        }
    }
}
