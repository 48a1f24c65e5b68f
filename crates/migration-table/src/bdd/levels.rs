//! The order in which diagrams ask for facts. It changes how large they are, and nothing else.

use crate::model::FactId;

/// A place for every fact.
#[derive(Clone, Debug)]
pub(super) struct Levels {
    // Invariant: each is the inverse of the other.
    of: [u16; FACTS],
    facts: [u16; FACTS],
}

/// As many as a machine has at most.
const FACTS: usize = 64;

impl Levels {
    /// In the order of their numbers.
    pub(super) fn by_number() -> Levels {
        Levels::new(&[])
    }

    /// These facts first, in this order, and all others after them.
    pub(super) fn new(first: &[FactId]) -> Levels {
        let mut levels = Levels { of: [u16::MAX; FACTS], facts: [0; FACTS] };
        let all = first.iter().map(|fact| fact.0).chain(0..64);
        let mut next = 0;
        for fact in all {
            if levels.of[usize::from(fact)] == u16::MAX {
                levels.of[usize::from(fact)] = next;
                levels.facts[usize::from(next)] = fact;
                next += 1;
            }
        }
        levels
    }

    /// The place of a fact.
    pub(super) fn of(&self, fact: FactId) -> u16 {
        self.of[fact.index()]
    }

    /// The fact in a place.
    pub(super) fn fact(&self, level: u16) -> FactId {
        FactId(self.facts[usize::from(level)])
    }

    /// The bit of the fact in a place.
    pub(super) fn bit(&self, level: u16) -> u64 {
        self.fact(level).bit()
    }
}
