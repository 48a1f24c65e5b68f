//! Reduced ordered binary decision diagrams: sets of fact sets, small enough to compute with.
//!
//! Every question about formulas (can it hold, can both hold, does one imply the other, which is the smallest case) is
//! a question about such sets, and is answered exactly. Our own, because what is needed is a page long and because the
//! order of facts, the bound on work and the choice of witnesses are ours to define. The levels are the fact numbers,
//! unless another order is asked for; equal sets are equal [`Bdd`] values of one [`Diagrams`].

mod levels;

use std::fmt;
use std::marker::PhantomData;

use rustc_hash::FxHashMap;

use crate::model::{Condition, Cube, FactId, Id, IdSet};
use crate::search;
use crate::step::Truth;
use levels::Levels;

/// The most nodes of one collection: about 50 MB, and far beyond any table that a person wrote.
const NODES_MAX: usize = 1 << 20;

/// How many more nodes a question may have for each of its parts.
const NODES_PER_PART_MAX: usize = 1 << 9;

/// The most steps for each node that is allowed: work is bounded even where it makes no new nodes.
const STEPS_PER_NODE_MAX: usize = 32;

/// The most steps that are remembered: about 10 MB. Forgetting them costs time and nothing else.
const REMEMBERED_MAX: usize = 1 << 18;

/// A formula, or formulas taken together, have more cases than anyone wants to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the formula has too many cases to decide")
    }
}

impl std::error::Error for TooLarge {}

/// A set of fact sets, or, what is the same, the condition that holds in just those. Belongs to one [`Diagrams`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bdd(u32);

impl Bdd {
    /// The condition that never holds.
    pub const NEVER: Bdd = Bdd(0);
    /// The condition that always holds.
    pub const ALWAYS: Bdd = Bdd(1);

    /// Whether it never holds.
    #[must_use]
    pub fn is_never(self) -> bool {
        self == Bdd::NEVER
    }

    /// Whether it always holds.
    #[must_use]
    pub fn is_always(self) -> bool {
        self == Bdd::ALWAYS
    }
}

/// A decision: without the fact go on at `without`, with it at `with`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Node {
    level: u16,
    without: Bdd,
    with: Bdd,
}

/// The level of the two constants: below every fact.
const LEAF: u16 = u16::MAX;

/// A collection of diagrams that share their nodes. They are about facts, or about other things that have ids below 64.
#[derive(Clone, Debug)]
pub struct Diagrams<I = FactId> {
    // Invariant: no two nodes are equal, no node has equal branches, and levels grow from a node to its branches.
    // The first two are the constants.
    nodes: Vec<Node>,
    levels: Levels,
    known: FxHashMap<Node, Bdd>,
    chosen: FxHashMap<(Bdd, Bdd, Bdd), Bdd>,
    nodes_max: usize,
    steps: usize,
    about: PhantomData<I>,
}

impl<I: Id> Default for Diagrams<I> {
    fn default() -> Diagrams<I> {
        Diagrams::new()
    }
}

impl<I: Id> Diagrams<I> {
    /// An empty collection.
    #[must_use]
    pub fn new() -> Diagrams<I> {
        Diagrams::with_nodes_max(NODES_MAX)
    }

    /// An empty collection that refuses to hold more nodes than this.
    #[must_use]
    pub fn with_nodes_max(nodes_max: usize) -> Diagrams<I> {
        let leaf = |bdd| Node { level: LEAF, without: bdd, with: bdd };
        let nodes = vec![leaf(Bdd::NEVER), leaf(Bdd::ALWAYS)];
        let levels = Levels::new([]);
        let (known, chosen) = (FxHashMap::default(), FxHashMap::default());
        Diagrams { nodes, levels, known, chosen, nodes_max, steps: 0, about: PhantomData }
    }

    /// An empty collection for a question of this many parts, whose diagrams ask for these facts first.
    #[must_use]
    pub fn for_parts(parts: usize, first: &[I]) -> Diagrams<I> {
        let nodes_max = parts.saturating_mul(NODES_PER_PART_MAX).saturating_add(NODES_MAX);
        Diagrams { levels: Levels::new(first.iter().map(|fact| fact.number())), ..Diagrams::with_nodes_max(nodes_max) }
    }

    /// Holds in one case.
    ///
    /// # Errors
    ///
    /// [`TooLarge`], as for every operation here, when the collection is full.
    pub fn case(&mut self, cube: Cube<I>) -> Result<Bdd, TooLarge> {
        cube.asks().iter().try_fold(Bdd::ALWAYS, |all, fact| {
            let (without, with) = if cube.set.contains(fact) { (Bdd::NEVER, all) } else { (all, Bdd::NEVER) };
            self.branch(fact, without, with)
        })
    }

    /// Holds where `a` does not.
    ///
    /// # Errors
    ///
    /// [`TooLarge`].
    pub fn not(&mut self, a: Bdd) -> Result<Bdd, TooLarge> {
        self.choose(a, Bdd::NEVER, Bdd::ALWAYS)
    }

    /// Holds where both do.
    ///
    /// # Errors
    ///
    /// [`TooLarge`].
    pub fn and(&mut self, a: Bdd, b: Bdd) -> Result<Bdd, TooLarge> {
        self.choose(a, b, Bdd::NEVER)
    }

    /// Holds where at least one does.
    ///
    /// # Errors
    ///
    /// [`TooLarge`].
    pub fn or(&mut self, a: Bdd, b: Bdd) -> Result<Bdd, TooLarge> {
        self.choose(a, Bdd::ALWAYS, b)
    }

    /// Holds where `a` does and `b` does not.
    ///
    /// # Errors
    ///
    /// [`TooLarge`].
    pub fn minus(&mut self, a: Bdd, b: Bdd) -> Result<Bdd, TooLarge> {
        self.choose(b, Bdd::NEVER, a)
    }

    /// `with` where the fact is there, `without` elsewhere. The order of facts is kept whatever the branches are.
    ///
    /// # Errors
    ///
    /// [`TooLarge`].
    pub fn branch(&mut self, fact: I, without: Bdd, with: Bdd) -> Result<Bdd, TooLarge> {
        let fact = self.node(self.levels.of(fact.number()), Bdd::NEVER, Bdd::ALWAYS)?;
        self.choose(fact, with, without)
    }

    /// What is left of `a` once it is known whether the fact is there.
    ///
    /// # Errors
    ///
    /// [`TooLarge`].
    pub fn restrict(&mut self, a: Bdd, fact: I, there: bool) -> Result<Bdd, TooLarge> {
        let (set, clear) = if there { (fact.into(), IdSet::EMPTY) } else { (IdSet::EMPTY, fact.into()) };
        self.restrict_all(a, set, clear)
    }

    /// What is left of `a` once the facts of `set` are known to be there, and those of `clear` not to be.
    ///
    /// # Errors
    ///
    /// [`TooLarge`].
    pub fn restrict_all(&mut self, a: Bdd, set: IdSet<I>, clear: IdSet<I>) -> Result<Bdd, TooLarge> {
        let fixed = set | clear;
        self.rebuild(a, &mut FxHashMap::default(), &mut |diagrams, node, without, with| {
            let fact = diagrams.fact(node.level);
            if fixed.contains(fact) {
                Ok(if set.contains(fact) { with } else { without })
            } else {
                diagrams.node(node.level, without, with)
            }
        })
    }

    /// Holds where `a` does for some choice of these facts.
    ///
    /// # Errors
    ///
    /// [`TooLarge`].
    pub fn exists(&mut self, a: Bdd, facts: IdSet<I>) -> Result<Bdd, TooLarge> {
        if facts.is_empty() {
            return Ok(a);
        }
        self.rebuild(a, &mut FxHashMap::default(), &mut |diagrams, node, without, with| {
            if facts.contains(diagrams.fact(node.level)) {
                diagrams.or(without, with)
            } else {
                diagrams.node(node.level, without, with)
            }
        })
    }

    /// Whether `a` holds when exactly these facts are there.
    #[must_use]
    pub fn eval(&self, a: Bdd, facts: IdSet<I>) -> bool {
        let mut at = a;
        while self.level(at) != LEAF {
            let node = self.nodes[at.0 as usize];
            at = if facts.contains(self.fact(node.level)) { node.with } else { node.without };
        }
        at.is_always()
    }

    /// Returns the facts on which `a` depends.
    #[must_use]
    pub fn depends_on(&self, a: Bdd) -> IdSet<I> {
        let below = |at: Bdd| Some(self.nodes[at.0 as usize]).filter(|node| node.level != LEAF);
        let reached = search::reachable([a], |at| below(*at).into_iter().flat_map(|node| [node.without, node.with]));
        reached.into_iter().filter_map(below).fold(IdSet::EMPTY, |facts, node| facts | self.fact(node.level))
    }

    /// The smallest set of facts in which `a` holds; none if there is no such set. Fewest facts first; among equally
    /// many, the one that has the first fact of `order` in which they differ. `order` lists every fact once.
    ///
    /// # Errors
    ///
    /// [`TooLarge`].
    pub fn smallest(&mut self, a: Bdd, order: &[I]) -> Result<Option<IdSet<I>>, TooLarge> {
        let Some(mut fewest) = self.fewest(a) else { return Ok(None) };
        let (mut rest, mut facts) = (a, IdSet::EMPTY);
        let asked = self.depends_on(a);
        for fact in order.iter().filter(|fact| asked.contains(**fact)) {
            if fewest == 0 {
                break;
            }
            let with = self.restrict(rest, *fact, true)?;
            if self.fewest(with).is_some_and(|count| count + 1 == fewest) {
                (rest, fewest, facts) = (with, fewest - 1, facts | *fact);
            } else {
                rest = self.restrict(rest, *fact, false)?;
            }
        }
        Ok(Some(facts))
    }

    /// How many facts the smallest set has in which `a` holds.
    fn fewest(&self, a: Bdd) -> Option<u32> {
        fn walk(nodes: &[Node], at: Bdd, seen: &mut FxHashMap<Bdd, Option<u32>>) -> Option<u32> {
            if at.is_never() || at.is_always() {
                return at.is_always().then_some(0);
            }
            if let Some(known) = seen.get(&at) {
                return *known;
            }
            let node = nodes[at.0 as usize];
            let without = walk(nodes, node.without, seen);
            let with = walk(nodes, node.with, seen).map(|count| count + 1);
            let fewest = without.into_iter().chain(with).min();
            seen.insert(at, fewest);
            fewest
        }
        walk(&self.nodes, a, &mut FxHashMap::default())
    }

    /// The first fact that `a` or `b` asks for. At least one of them is no constant.
    pub(crate) fn first_fact(&self, a: Bdd, b: Bdd) -> I {
        let level = self.level(a).min(self.level(b));
        assert_ne!(level, LEAF, "constants ask for no fact");
        self.fact(level)
    }

    /// `a` without the fact and with it, where `a` asks for no fact before this one.
    pub(crate) fn split(&self, a: Bdd, fact: I) -> (Bdd, Bdd) {
        let node = self.nodes[a.0 as usize];
        if node.level == self.levels.of(fact.number()) { (node.without, node.with) } else { (a, a) }
    }

    /// `then` where `when` holds, `otherwise` elsewhere: the one operation from which the others are made.
    fn choose(&mut self, when: Bdd, then: Bdd, otherwise: Bdd) -> Result<Bdd, TooLarge> {
        if when.is_always() || then == otherwise {
            return Ok(then);
        }
        if when.is_never() {
            return Ok(otherwise);
        }
        if then.is_always() && otherwise.is_never() {
            return Ok(when);
        }
        if let Some(known) = self.chosen.get(&(when, then, otherwise)) {
            return Ok(*known);
        }
        let level = self.level(when).min(self.level(then)).min(self.level(otherwise));
        let fact = self.fact(level);
        let ((when0, when1), (then0, then1)) = (self.split(when, fact), self.split(then, fact));
        let (otherwise0, otherwise1) = self.split(otherwise, fact);
        let without = self.choose(when0, then0, otherwise0)?;
        let with = self.choose(when1, then1, otherwise1)?;
        let result = self.node(level, without, with)?;
        self.steps += 1;
        if self.steps >= self.nodes_max.saturating_mul(STEPS_PER_NODE_MAX) {
            return Err(TooLarge);
        }
        if self.chosen.len() >= REMEMBERED_MAX {
            self.chosen.clear();
        }
        self.chosen.insert((when, then, otherwise), result);
        Ok(result)
    }

    fn rebuild(&mut self, a: Bdd, seen: &mut FxHashMap<Bdd, Bdd>, make: &mut Make<'_, I>) -> Result<Bdd, TooLarge> {
        if a.is_never() || a.is_always() {
            return Ok(a);
        }
        if let Some(known) = seen.get(&a) {
            return Ok(*known);
        }
        let node = self.nodes[a.0 as usize];
        let without = self.rebuild(node.without, seen, make)?;
        let with = self.rebuild(node.with, seen, make)?;
        let result = make(self, node, without, with)?;
        seen.insert(a, result);
        Ok(result)
    }

    fn node(&mut self, level: u16, without: Bdd, with: Bdd) -> Result<Bdd, TooLarge> {
        if without == with {
            return Ok(without);
        }
        let node = Node { level, without, with };
        if let Some(known) = self.known.get(&node) {
            return Ok(*known);
        }
        if self.nodes.len() >= self.nodes_max {
            return Err(TooLarge);
        }
        let id = u32::try_from(self.nodes.len()).map_err(|_| TooLarge)?;
        self.nodes.push(node);
        self.known.insert(node, Bdd(id));
        Ok(Bdd(id))
    }

    fn fact(&self, level: u16) -> I {
        I::from_number(self.levels.fact(level))
    }

    fn level(&self, a: Bdd) -> u16 {
        self.nodes[a.0 as usize].level
    }
}

impl Diagrams {
    /// The diagram of a condition.
    ///
    /// # Errors
    ///
    /// [`TooLarge`].
    pub fn build(&mut self, condition: &Condition) -> Result<Bdd, TooLarge> {
        match condition {
            Condition::Fact(fact) => self.branch(*fact, Bdd::NEVER, Bdd::ALWAYS),
            Condition::Not(inner) => {
                let inner = self.build(inner)?;
                self.not(inner)
            }
            Condition::And(parts) => parts.iter().try_fold(Bdd::ALWAYS, |all, part| {
                let part = self.build(part)?;
                self.and(all, part)
            }),
            Condition::Or(parts) => parts.iter().try_fold(Bdd::NEVER, |any, part| {
                let part = self.build(part)?;
                self.or(any, part)
            }),
        }
    }
}

impl<I: Id> Truth for Diagrams<I> {
    type Value = Bdd;
    type Error = TooLarge;

    fn or(&mut self, a: Bdd, b: Bdd) -> Result<Bdd, TooLarge> {
        Diagrams::or(self, a, b)
    }

    fn minus(&mut self, a: Bdd, b: Bdd) -> Result<Bdd, TooLarge> {
        Diagrams::minus(self, a, b)
    }
}

type Make<'m, I> = dyn FnMut(&mut Diagrams<I>, Node, Bdd, Bdd) -> Result<Bdd, TooLarge> + 'm;

#[cfg(test)]
pub(crate) mod tests;
