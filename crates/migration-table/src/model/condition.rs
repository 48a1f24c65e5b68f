//! Conditions: what the formula of a row means, as a tree over facts and as the cases in which it holds.

use super::id::{FactId, FactSet, Id, IdSet};

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

/// One case of a condition: some facts are there, some are not, and the rest do not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cube<I = FactId> {
    /// The facts that must be there.
    pub set: IdSet<I>,
    /// The facts that must not be there; none of them is in `set`.
    pub clear: IdSet<I>,
}

impl<I: Id> Cube<I> {
    /// The case that asks for nothing.
    pub const ALWAYS: Cube<I> = Cube { set: IdSet::EMPTY, clear: IdSet::EMPTY };

    /// Returns whether it holds when exactly these facts are there.
    #[must_use]
    pub fn holds(self, facts: IdSet<I>) -> bool {
        self.denied(facts).is_empty()
    }

    /// Returns the facts that it asks about.
    #[must_use]
    pub fn asks(self) -> IdSet<I> {
        self.set | self.clear
    }

    /// Returns the facts of which it asks for the opposite when exactly these facts are there.
    #[must_use]
    pub fn denied(self, facts: IdSet<I>) -> IdSet<I> {
        (self.set - facts) | (self.clear & facts)
    }

    /// Returns what it asks of some of the facts.
    #[must_use]
    pub fn among(self, facts: IdSet<I>) -> Cube<I> {
        Cube { set: self.set & facts, clear: self.clear & facts }
    }

    /// Returns what it asks of all facts but some.
    #[must_use]
    pub fn without(self, facts: IdSet<I>) -> Cube<I> {
        Cube { set: self.set - facts, clear: self.clear - facts }
    }
}

impl Condition {
    /// The condition that holds in one case.
    #[must_use]
    pub fn of(case: Cube) -> Condition {
        let present = case.set.iter().map(Condition::Fact);
        let absent = case.clear.iter().map(|fact| Condition::Not(Box::new(Condition::Fact(fact))));
        let mut parts: Vec<Condition> = present.chain(absent).collect();
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => Condition::And(parts.into_iter().chain(last).collect()),
        }
    }

    /// Whether it holds when exactly these facts are there.
    #[must_use]
    pub fn eval(&self, facts: FactSet) -> bool {
        match self {
            Condition::Fact(fact) => facts.contains(*fact),
            Condition::Not(inner) => !inner.eval(facts),
            Condition::And(parts) => parts.iter().all(|part| part.eval(facts)),
            Condition::Or(parts) => parts.iter().any(|part| part.eval(facts)),
        }
    }

    /// Returns the facts that it names, whether or not its truth depends on them.
    #[must_use]
    pub fn mentions(&self) -> FactSet {
        match self {
            Condition::Fact(fact) => (*fact).into(),
            Condition::Not(inner) => inner.mentions(),
            Condition::And(parts) | Condition::Or(parts) => FactSet::union(parts.iter().map(Condition::mentions)),
        }
    }
}
