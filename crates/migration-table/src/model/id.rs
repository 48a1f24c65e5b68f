//! Ids: positions in the lists of a table, each list with a type of its own, and sets of such ids.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, Not, Sub, SubAssign};

/// A position in a list.
pub trait Id: Copy {
    /// The id with this number.
    fn from_number(number: u16) -> Self;

    /// The number of the id.
    fn number(self) -> u16;
}

/// Declares ids: positions in lists, each with a type of its own.
#[macro_export]
#[doc(hidden)]
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);

        impl $name {
            /// The position in the list that the id points into.
            #[must_use]
            pub fn index(self) -> usize {
                usize::from(self.0)
            }
        }

        impl $crate::model::Id for $name {
            fn from_number(number: u16) -> $name {
                $name(number)
            }

            fn number(self) -> u16 {
                self.0
            }
        }
    };
}

id!(
    /// A status, as an index into [`Table::statuses`](super::Table::statuses).
    StatusId
);
id!(
    /// A reason, as an index into [`Table::reasons`](super::Table::reasons).
    ReasonId
);
id!(
    /// A message, as an index into [`Table::messages`](super::Table::messages).
    MessageId
);
id!(
    /// A resource, as an index into [`Table::resources`](super::Table::resources).
    ResourceId
);
id!(
    /// A state, as an index into [`Machine::states`](super::Machine::states).
    StateId
);
id!(
    /// A fact of one machine, as an index into [`Machine::facts`](super::Machine::facts).
    FactId
);

/// A set of ids below 64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdSet<I> {
    bits: u64,
    of: PhantomData<I>,
}

/// A set of facts of one machine, which has at most 64 of them.
pub type FactSet = IdSet<FactId>;

impl<I> IdSet<I> {
    /// The set of no id.
    pub const EMPTY: IdSet<I> = IdSet::from_bits(0);

    const fn from_bits(bits: u64) -> IdSet<I> {
        IdSet { bits, of: PhantomData }
    }

    /// The ids below a number, which is at most 64.
    #[must_use]
    pub const fn below(number: u32) -> IdSet<I> {
        IdSet::from_bits(match u64::MAX.checked_shr(64 - number) {
            Some(bits) => bits,
            None => 0,
        })
    }

    /// Whether no id is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// The number of ids in the set.
    #[must_use]
    pub const fn len(self) -> usize {
        self.bits.count_ones() as usize
    }
}

impl<I: Id> IdSet<I> {
    /// Returns whether an id is in the set.
    #[must_use]
    pub fn contains(self, id: I) -> bool {
        !(self & id).is_empty()
    }

    /// Returns whether the two sets have an id in common.
    #[must_use]
    pub fn intersects(self, other: IdSet<I>) -> bool {
        !(self & other).is_empty()
    }

    /// Returns whether every id of the other set is in this one.
    #[must_use]
    pub fn includes(self, other: IdSet<I>) -> bool {
        (other - self).is_empty()
    }

    /// Returns the lowest id of the set, `None` if the set is empty.
    #[must_use]
    pub fn first(self) -> Option<I> {
        self.iter().next()
    }

    /// Returns the ids of the set, the lowest first.
    #[must_use]
    pub fn iter(self) -> Ids<I> {
        Ids(self)
    }

    /// Returns the ids that are in one of the sets.
    #[must_use]
    pub fn union(sets: impl IntoIterator<Item = IdSet<I>>) -> IdSet<I> {
        sets.into_iter().fold(IdSet::EMPTY, BitOr::bitor)
    }

    /// Returns all subsets, the empty one first.
    pub fn subsets(self) -> impl Iterator<Item = IdSet<I>> {
        let mut next = Some(0u64);
        std::iter::from_fn(move || {
            let subset = next?;
            // The carry of the subtraction runs through the bits that are not in the set.
            next = (subset != self.bits).then(|| subset.wrapping_sub(self.bits) & self.bits);
            Some(IdSet::from_bits(subset))
        })
    }
}

impl<I> Default for IdSet<I> {
    fn default() -> IdSet<I> {
        IdSet::EMPTY
    }
}

impl<I: Id> From<I> for IdSet<I> {
    fn from(id: I) -> IdSet<I> {
        IdSet::from_bits(1 << id.number())
    }
}

impl<I: Id> FromIterator<I> for IdSet<I> {
    fn from_iter<T: IntoIterator<Item = I>>(ids: T) -> IdSet<I> {
        ids.into_iter().fold(IdSet::EMPTY, |set, id| set | id)
    }
}

impl<I: Id> IntoIterator for IdSet<I> {
    type Item = I;
    type IntoIter = Ids<I>;

    fn into_iter(self) -> Ids<I> {
        self.iter()
    }
}

impl<I> fmt::Debug for IdSet<I> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries((0..u64::BITS).filter(|number| self.bits >> number & 1 != 0)).finish()
    }
}

impl<I: Id, S: Into<IdSet<I>>> BitOr<S> for IdSet<I> {
    type Output = IdSet<I>;

    fn bitor(self, other: S) -> IdSet<I> {
        IdSet::from_bits(self.bits | other.into().bits)
    }
}

impl<I: Id, S: Into<IdSet<I>>> BitAnd<S> for IdSet<I> {
    type Output = IdSet<I>;

    fn bitand(self, other: S) -> IdSet<I> {
        IdSet::from_bits(self.bits & other.into().bits)
    }
}

impl<I> Not for IdSet<I> {
    type Output = IdSet<I>;

    /// All ids below 64 that are not in the set.
    fn not(self) -> IdSet<I> {
        IdSet::from_bits(!self.bits)
    }
}

impl<I: Id, S: Into<IdSet<I>>> BitXor<S> for IdSet<I> {
    type Output = IdSet<I>;

    fn bitxor(self, other: S) -> IdSet<I> {
        IdSet::from_bits(self.bits ^ other.into().bits)
    }
}

impl<I: Id, S: Into<IdSet<I>>> Sub<S> for IdSet<I> {
    type Output = IdSet<I>;

    fn sub(self, other: S) -> IdSet<I> {
        IdSet::from_bits(self.bits & !other.into().bits)
    }
}

impl<I: Id, S: Into<IdSet<I>>> BitOrAssign<S> for IdSet<I> {
    fn bitor_assign(&mut self, other: S) {
        *self = *self | other;
    }
}

impl<I: Id, S: Into<IdSet<I>>> BitAndAssign<S> for IdSet<I> {
    fn bitand_assign(&mut self, other: S) {
        *self = *self & other;
    }
}

impl<I: Id, S: Into<IdSet<I>>> SubAssign<S> for IdSet<I> {
    fn sub_assign(&mut self, other: S) {
        *self = *self - other;
    }
}

/// The ids of a set, the lowest first.
#[derive(Clone, Debug)]
pub struct Ids<I: Id>(IdSet<I>);

impl<I: Id> Iterator for Ids<I> {
    type Item = I;

    fn next(&mut self) -> Option<I> {
        let bits = self.0.bits;
        (bits != 0).then(|| {
            self.0.bits &= bits - 1;
            // A bit of a `u64` has a number below 64.
            I::from_number(bits.trailing_zeros() as u16)
        })
    }
}
