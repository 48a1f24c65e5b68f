//! Everything that can happen, as a graph: breadth-first search with exact storage.
//!
//! A configuration is one 128-bit number, stored once in the order in which it was found; a hash table holds indices
//! only. Nothing is ever dropped: where a bound is hit, the graph says so.
//!
//! In a large search one thread takes the steps and another looks up where they lead, which takes about as long.

use std::hash::BuildHasher;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use crate::composition::{Action, Composition, Effect, Steps};
use crate::config::{Config, Locals};

/// An edge: what happens, what that is to the host that acts, and the configuration that follows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) action: Action,
    pub(crate) effect: Effect,
    pub(crate) to: u32,
}

/// The reachable configurations of a composition and the steps between them.
#[derive(Debug)]
pub struct Graph<'c, 't> {
    pub(crate) composition: &'c Composition<'t>,
    pub(crate) packed: Vec<u128>,
    /// Where the hosts of each configuration are: what is asked most.
    pub(crate) locals: Vec<Locals>,
    /// For each configuration its first edge; one more at the end.
    pub(crate) first_edge: Vec<u32>,
    pub(crate) edges: Vec<Edge>,
    /// The configuration from which each one was found first, and the index of the edge.
    pub(crate) parents: Vec<(u32, u32)>,
    pub(crate) figures: Figures,
}

/// How large a search was, and what bounded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Figures {
    /// Configurations that were found.
    pub configurations: usize,
    /// Steps between them.
    pub transitions: usize,
    /// Steps that were left out because a message did not fit into its channel.
    pub full_channels: usize,
    /// The most messages of one direction that were on their way.
    #[serde(skip)]
    pub longest_channel: usize,
    /// Whether every configuration was found.
    pub is_exhausted: bool,
    /// How long the search took.
    #[serde(skip)]
    pub elapsed: Duration,
    /// Bytes that the graph takes.
    #[serde(skip)]
    pub bytes: usize,
}

impl<'c, 't> Graph<'c, 't> {
    /// Explores a composition. `progress` is called now and then with the number of configurations found so far.
    #[must_use]
    pub fn explore(composition: &'c Composition<'t>, progress: &mut dyn FnMut(usize)) -> Graph<'c, 't> {
        let started = Instant::now();
        let layout = &composition.layout;
        let mut search = Search::default();
        search.number(layout.pack(&composition.initial()), (0, 0));
        let is_open = |search: &Search| {
            search.expanded() < search.packed.len() && search.packed.len() < composition.bounds.configurations_max
        };
        let mut batch = Batch::default();
        while is_open(&search) && search.packed.len() - search.expanded() < BATCH * AHEAD {
            batch.expand(composition, &search.packed[search.expanded()..=search.expanded()]);
            search.add(&batch, usize::MAX);
        }
        if is_open(&search) {
            search.go_on_with_a_second_thread(composition, progress);
        }
        let Search { packed, mut locals, mut first_edge, edges, seen, parents, full_channels, longest_channel } =
            search;
        locals.extend(packed[locals.len()..].iter().map(|value| layout.unpack(*value).locals));
        first_edge.resize(packed.len() + 1, index(edges.len()));
        let bytes = packed.len() * (16 + size_of::<Locals>() + 4 + 8)
            + edges.len() * size_of::<Edge>()
            + seen.allocation_size();
        let figures = Figures {
            configurations: packed.len(),
            transitions: edges.len(),
            full_channels,
            longest_channel,
            is_exhausted: packed.len() < composition.bounds.configurations_max,
            elapsed: started.elapsed(),
            bytes,
        };
        Graph { composition, packed, locals, first_edge, edges, parents, figures }
    }

    /// How large the search was.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.figures
    }

    pub(crate) fn len(&self) -> u32 {
        index(self.packed.len())
    }

    pub(crate) fn config(&self, at: u32) -> Config {
        self.composition.layout.unpack(self.packed[at as usize])
    }

    /// Where the hosts of a configuration are.
    pub(crate) fn locals(&self, at: u32) -> &Locals {
        &self.locals[at as usize]
    }

    pub(crate) fn edges(&self, at: u32) -> &[Edge] {
        let range = self.first_edge[at as usize] as usize..self.first_edge[at as usize + 1] as usize;
        &self.edges[range]
    }

    /// A shortest run to a configuration from the initial one, which is not in it.
    pub(crate) fn run_to(&self, at: u32) -> Vec<(Action, Config)> {
        let (mut run, mut at) = (Vec::new(), at);
        while at != 0 {
            let (parent, edge) = self.parents[at as usize];
            run.push((self.edges[edge as usize].action, self.config(at)));
            at = parent;
        }
        run.reverse();
        run
    }
}

/// Configurations that are expanded at a time, and how many such batches a second thread is ahead.
const BATCH: usize = 256;
const AHEAD: usize = 4;

/// What follows some configurations.
#[derive(Default)]
struct Batch {
    /// For each configuration where its hosts are, and where its steps end.
    expanded: Vec<(Locals, usize)>,
    steps: Steps,
    longest_channel: usize,
}

impl Batch {
    fn expand(&mut self, composition: &Composition<'_>, packed: &[u128]) {
        self.expanded.clear();
        self.steps.found.clear();
        self.steps.full_channels = 0;
        for packed in packed {
            let config = composition.layout.unpack(*packed);
            composition.successors(&config, *packed, &mut self.steps);
            self.expanded.push((config.locals, self.steps.found.len()));
            self.longest_channel = config.longest_channel().max(self.longest_channel);
        }
    }
}

/// The graph as far as it was found.
#[derive(Default)]
struct Search {
    packed: Vec<u128>,
    locals: Vec<Locals>,
    first_edge: Vec<u32>,
    edges: Vec<Edge>,
    seen: HashTable<u32>,
    /// For each configuration the one from which it was found, and the index of the edge.
    parents: Vec<(u32, u32)>,
    full_channels: usize,
    longest_channel: usize,
}

impl Search {
    /// How many configurations were expanded: those that were found first.
    fn expanded(&self) -> usize {
        self.first_edge.len()
    }

    /// Expands what is left. A second thread takes the steps, in order; this one looks up where they lead. So the graph is
    /// the same as that of one thread.
    fn go_on_with_a_second_thread(&mut self, composition: &Composition<'_>, progress: &mut dyn FnMut(usize)) {
        let configurations_max = composition.bounds.configurations_max;
        std::thread::scope(|scope| {
            let (give, given) = mpsc::channel::<Vec<u128>>();
            let (finish, finished) = mpsc::channel();
            scope.spawn(move || {
                // The other thread may have enough of it.
                given.iter().try_for_each(|packed| {
                    let mut batch = Batch::default();
                    batch.expand(composition, &packed);
                    finish.send(batch)
                })
            });
            let (mut sent, mut ahead) = (self.expanded(), 0);
            loop {
                while ahead < AHEAD && sent < self.packed.len() {
                    let end = self.packed.len().min(sent + BATCH);
                    if give.send(self.packed[sent..end].to_vec()).is_err() {
                        return;
                    }
                    (sent, ahead) = (end, ahead + 1);
                }
                if ahead == 0 {
                    return;
                }
                // It ends early only by a panic, which the scope passes on.
                let Ok(batch) = finished.recv() else { return };
                ahead -= 1;
                let before = self.expanded();
                self.add(&batch, configurations_max);
                if self.expanded() >> 16 > before >> 16 {
                    progress(self.packed.len());
                }
                if self.packed.len() >= configurations_max {
                    return;
                }
            }
        });
    }

    /// Adds what follows the next configurations, until there are so many.
    fn add(&mut self, batch: &Batch, configurations_max: usize) {
        self.full_channels += batch.steps.full_channels;
        self.longest_channel = self.longest_channel.max(batch.longest_channel);
        let mut next = 0;
        for (locals, end) in &batch.expanded {
            let at = index(self.expanded());
            self.first_edge.push(index(self.edges.len()));
            self.locals.push(*locals);
            for (action, effect, value) in &batch.steps.found[next..*end] {
                let to = self.number(*value, (at, index(self.edges.len())));
                self.edges.push(Edge { action: *action, effect: *effect, to });
            }
            next = *end;
            if self.packed.len() >= configurations_max {
                return;
            }
        }
    }

    /// Returns the index of a configuration, a new one where it was not known.
    fn number(&mut self, value: u128, parent: (u32, u32)) -> u32 {
        let hash = FxBuildHasher.hash_one(value);
        if let Some(known) = self.seen.find(hash, |at| self.packed[*at as usize] == value) {
            return *known;
        }
        let (new, packed) = (index(self.packed.len()), &self.packed);
        self.seen.insert_unique(hash, new, |at| FxBuildHasher.hash_one(packed[*at as usize]));
        self.packed.push(value);
        self.parents.push(parent);
        new
    }
}

/// An index fits 32 bits: a graph of four thousand million configurations does not fit into memory.
pub(crate) fn index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
