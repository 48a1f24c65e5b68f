//! The order in which diagrams ask for facts. It changes how large they are, and nothing else.

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
    /// These facts first, in this order, and all others after them, in the order of their numbers.
    pub(super) fn new(first: impl IntoIterator<Item = u16>) -> Levels {
        let mut levels = Levels { of: [u16::MAX; FACTS], facts: [0; FACTS] };
        let mut next = 0;
        for fact in first.into_iter().chain(0..64) {
            if levels.of[usize::from(fact)] == u16::MAX {
                levels.of[usize::from(fact)] = next;
                levels.facts[usize::from(next)] = fact;
                next += 1;
            }
        }
        levels
    }

    /// The place of a fact.
    pub(super) fn of(&self, fact: u16) -> u16 {
        self.of[usize::from(fact)]
    }

    /// The fact in a place.
    pub(super) fn fact(&self, level: u16) -> u16 {
        self.facts[usize::from(level)]
    }
}
