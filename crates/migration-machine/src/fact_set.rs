//! A set of facts of one machine, as the bits of a word.

use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;

/// A set of facts of the machine `R`: pending triggers, events of the current visit, and guards that hold.
///
/// The machine is part of the type, so that facts of two machines cannot be mixed.
pub struct FactSet<R> {
    pub(crate) bits: u64,
    role: PhantomData<fn() -> R>,
}

impl<R> FactSet<R> {
    /// The set without any fact.
    pub const EMPTY: Self = Self::new(0);

    /// Returns the set of one fact, by its position in the table's list of facts. Generated code calls this.
    #[must_use]
    pub const fn bit(position: u32) -> Self {
        Self::new(1 << position)
    }

    /// Returns the facts that are in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self::new(self.bits | other.bits)
    }

    /// Returns the facts that are in both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self::new(self.bits & other.bits)
    }

    /// Returns the facts of this set that are not in the other.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self::new(self.bits & !other.bits)
    }

    /// Returns whether every fact of the other set is in this one.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.bits & other.bits == other.bits
    }

    /// Returns whether the two sets have a fact in common.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.bits & other.bits != 0
    }

    /// Returns whether the set has no fact.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Returns whether the two sets have the same facts, as `==` does; this can be asked in a `const`.
    #[must_use]
    pub const fn is(self, other: Self) -> bool {
        self.bits == other.bits
    }

    /// Returns the bits of the set, in the order of the table: triggers, events, messages, guards.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.bits
    }

    pub(crate) const fn new(bits: u64) -> Self {
        Self { bits, role: PhantomData }
    }
}

impl<R> Clone for FactSet<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for FactSet<R> {}

impl<R> Default for FactSet<R> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<R> PartialEq for FactSet<R> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<R> Eq for FactSet<R> {}

impl<R> Hash for FactSet<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits.hash(state);
    }
}

/// The positions of the facts, in the order of the declarations.
impl<R> fmt::Debug for FactSet<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries((0..u64::BITS).filter(|position| self.bits >> position & 1 == 1)).finish()
    }
}
