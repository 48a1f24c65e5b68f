//! Everything that can happen, as a graph: breadth-first search with exact storage.
//!
//! A configuration is one 128-bit number, stored once in the order in which it was found; a hash table holds indices
//! only. Nothing is ever dropped: where a bound is hit, the graph says so.

mod under;

use std::hash::BuildHasher;
use std::time::{Duration, Instant};

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use crate::composition::{Action, Composition, Effect, Visitor};
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
    packed: Vec<u128>,
    /// Where the hosts of each configuration are: what is asked most.
    locals: Vec<Locals>,
    /// For each configuration its first edge; one more at the end.
    first_edge: Vec<u32>,
    edges: Vec<Edge>,
    /// The configuration from which each one was found first, and the index of the edge.
    parents: Vec<(u32, u32)>,
    figures: Figures,
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
        let mut search = Search::new(composition);
        search.found(&composition.initial());
        let mut first_edge = Vec::new();
        while first_edge.len() < search.packed.len() && !search.is_over {
            let at = first_edge.len();
            first_edge.push(index(search.edges.len()));
            search.at = index(at);
            let config = composition.layout.unpack(search.packed[at]);
            composition.successors(&config, &mut search);
            if at.is_multiple_of(1 << 16) {
                progress(search.packed.len());
            }
        }
        let end = index(search.edges.len());
        first_edge.resize(search.packed.len() + 1, end);
        let bytes = search.packed.len() * (16 + size_of::<Locals>() + 4 + 8)
            + search.edges.len() * size_of::<Edge>()
            + search.seen.allocation_size();
        let figures = Figures {
            configurations: search.packed.len(),
            transitions: search.edges.len(),
            full_channels: search.full_channels,
            longest_channel: search.longest_channel,
            is_exhausted: !search.is_over,
            elapsed: started.elapsed(),
            bytes,
        };
        let Search { packed, locals, edges, parents, .. } = search;
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

struct Search<'c, 't> {
    composition: &'c Composition<'t>,
    packed: Vec<u128>,
    locals: Vec<Locals>,
    seen: HashTable<u32>,
    edges: Vec<Edge>,
    parents: Vec<(u32, u32)>,
    at: u32,
    full_channels: usize,
    longest_channel: usize,
    is_over: bool,
}

impl<'c, 't> Search<'c, 't> {
    fn new(composition: &'c Composition<'t>) -> Search<'c, 't> {
        Search {
            composition,
            packed: Vec::new(),
            locals: Vec::new(),
            seen: HashTable::new(),
            edges: Vec::new(),
            parents: Vec::new(),
            at: 0,
            full_channels: 0,
            longest_channel: 0,
            is_over: false,
        }
    }

    /// Returns the index of a configuration, a new one where it was not known.
    fn found(&mut self, config: &Config) -> u32 {
        let value = self.composition.layout.pack(config);
        let hash = FxBuildHasher.hash_one(value);
        if let Some(known) = self.seen.find(hash, |at| self.packed[*at as usize] == value) {
            return *known;
        }
        let new = index(self.packed.len());
        let packed = &self.packed;
        self.seen.insert_unique(hash, new, |at| FxBuildHasher.hash_one(packed[*at as usize]));
        self.packed.push(value);
        self.locals.push(config.locals);
        self.parents.push((self.at, index(self.edges.len())));
        self.longest_channel = self.longest_channel.max(config.longest_channel());
        self.is_over |= self.packed.len() >= self.composition.bounds.configurations_max;
        new
    }
}

impl Visitor for Search<'_, '_> {
    fn step(&mut self, action: Action, effect: Effect, next: &Config) {
        let to = self.found(next);
        self.edges.push(Edge { action, effect, to });
    }

    fn bounded(&mut self) {
        self.full_channels += 1;
    }
}

/// An index fits 32 bits: a graph of four thousand million configurations does not fit into memory.
fn index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
