//! Which of several enabled rows fires.

use std::convert::Infallible;

/// A kind of truth values: whether something holds, or where it does.
pub trait Truth {
    /// A truth value.
    type Value: Copy;
    /// Why values cannot be joined.
    type Error;

    /// Returns where one of the two holds.
    ///
    /// # Errors
    ///
    /// When that is too much to compute.
    fn or(&mut self, a: Self::Value, b: Self::Value) -> Result<Self::Value, Self::Error>;

    /// Returns where `a` holds and `b` does not.
    ///
    /// # Errors
    ///
    /// When that is too much to compute.
    fn minus(&mut self, a: Self::Value, b: Self::Value) -> Result<Self::Value, Self::Error>;
}

/// Truth about one set of facts: yes or no.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl Plain {
    /// No.
    pub const NEVER: bool = false;
}

impl Truth for Plain {
    type Value = bool;
    type Error = Infallible;

    fn or(&mut self, a: bool, b: bool) -> Result<bool, Infallible> {
        Ok(a || b)
    }

    fn minus(&mut self, a: bool, b: bool) -> Result<bool, Infallible> {
        Ok(a && !b)
    }
}

/// Goes through the rows of a state, strongest first: a row fires where it is enabled and no stronger one is. Rows of
/// one rank do not keep each other from firing.
#[derive(Clone, Copy, Debug)]
pub struct Precedence<V> {
    rank: usize,
    stronger: V,
    any: V,
}

impl<V: Copy> Precedence<V> {
    /// Begins before the strongest row. `never` is the truth value of what never holds.
    #[must_use]
    pub fn new(never: V) -> Precedence<V> {
        Precedence { rank: 0, stronger: never, any: never }
    }

    /// Goes on to a row of this rank, and returns where a stronger row is enabled.
    pub fn enter(&mut self, rank: usize) -> V {
        if rank != self.rank {
            (self.rank, self.stronger) = (rank, self.any);
        }
        self.stronger
    }

    /// Returns where a row of the present rank fires that is enabled in `enabled`.
    ///
    /// # Errors
    ///
    /// When that is too much to compute.
    pub fn wins<T: Truth<Value = V>>(&mut self, truth: &mut T, enabled: V) -> Result<V, T::Error> {
        self.any = truth.or(self.any, enabled)?;
        truth.minus(enabled, self.stronger)
    }

    /// Returns where one of the rows so far is enabled.
    pub fn any(&self) -> V {
        self.any
    }
}
