//! Conditions: the formula of a row, as text, as a tree over facts, and as the cases in which it holds.
//!
//! A formula is read in two steps, because its names can be looked up only once the whole table is known: [`parse()`]
//! gives a [`Formula`] with names and their places, [`Formula::resolve`] turns it into a [`Condition`]. What a
//! condition means is decided exactly (see [`crate::bdd`]), never guessed from how it is written.

mod cubes;
mod parse;

use crate::bdd::{Diagrams, TooLarge};
use crate::model::FactId;

pub use cubes::{Cube, between, cubes};
pub use cubes::{fewest, union};
pub use parse::{FormulaError, parse};

/// A formula that has been read, with names that are not looked up yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    tree: Tree,
    // Invariant: every `Tree::Name` is an index into this list, and every entry is used once.
    names: Vec<(String, usize)>,
}

/// A boolean expression over facts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// The fact is there.
    Fact(FactId),
    /// The inner condition does not hold.
    Not(Box<Condition>),
    /// All of them hold.
    And(Vec<Condition>),
    /// At least one of them holds.
    Or(Vec<Condition>),
}

/// The tree of a formula; a name is its place in the list of names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tree {
    Name(usize),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
}

impl Formula {
    /// Every occurrence of a name, in the order of the text, with its offset in bytes.
    #[must_use]
    pub fn names(&self) -> &[(String, usize)] {
        &self.names
    }

    /// The condition that the formula stands for. Every name is looked up, once for each occurrence and in the order
    /// of the text; if one is not known, or is no bit of a 64-bit set, there is no condition.
    pub fn resolve(&self, lookup: &mut dyn FnMut(&str) -> Option<FactId>) -> Option<Condition> {
        let facts: Vec<Option<FactId>> = self.names.iter().map(|(name, _)| lookup(name)).collect();
        let facts: Vec<FactId> = facts.into_iter().collect::<Option<_>>()?;
        facts.iter().all(|fact| fact.0 < 64).then(|| bind(&self.tree, &facts))
    }
}

fn bind(tree: &Tree, facts: &[FactId]) -> Condition {
    let bind_all = |parts: &[Tree]| parts.iter().map(|part| bind(part, facts)).collect();
    match tree {
        Tree::Name(index) => Condition::Fact(facts[*index]),
        Tree::Not(inner) => Condition::Not(Box::new(bind(inner, facts))),
        Tree::And(parts) => Condition::And(bind_all(parts)),
        Tree::Or(parts) => Condition::Or(bind_all(parts)),
    }
}

impl Condition {
    /// The condition that holds in one case.
    #[must_use]
    pub fn of(case: Cube) -> Condition {
        let facts = |mask: u64| (0..64).map(FactId).filter(move |fact| mask & fact.bit() != 0).map(Condition::Fact);
        let absent = facts(case.clear).map(|fact| Condition::Not(Box::new(fact)));
        Condition::And(facts(case.set).chain(absent).collect())
    }

    /// Whether it holds when exactly these facts are there.
    #[must_use]
    pub fn eval(&self, facts: u64) -> bool {
        match self {
            Condition::Fact(fact) => facts & fact.bit() != 0,
            Condition::Not(inner) => !inner.eval(facts),
            Condition::And(parts) => parts.iter().all(|part| part.eval(facts)),
            Condition::Or(parts) => parts.iter().any(|part| part.eval(facts)),
        }
    }

    /// The facts that it names, whether or not its truth depends on them, as a bit set.
    #[must_use]
    pub fn mentions(&self) -> u64 {
        match self {
            Condition::Fact(fact) => fact.bit(),
            Condition::Not(inner) => inner.mentions(),
            Condition::And(parts) | Condition::Or(parts) => parts.iter().fold(0, |mask, part| mask | part.mentions()),
        }
    }

    /// Whether some set of facts makes it hold.
    ///
    /// # Errors
    ///
    /// When the condition has too many cases to decide.
    pub fn is_satisfiable(&self) -> Result<bool, TooLarge> {
        Ok(!Diagrams::new().build(self)?.is_never())
    }

    /// Whether it can hold only with the fact there: some set of facts makes it hold, and none without this fact.
    /// A condition that never holds needs nothing.
    ///
    /// # Errors
    ///
    /// When the condition has too many cases to decide.
    pub fn needs(&self, fact: FactId) -> Result<bool, TooLarge> {
        let mut diagrams = Diagrams::new();
        let all = diagrams.build(self)?;
        Ok(!all.is_never() && diagrams.restrict(all, fact, false)?.is_never())
    }
}
