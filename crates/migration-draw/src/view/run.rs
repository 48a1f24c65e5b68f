//! Runs that a view shows.

use super::super::figure::Number;
use migration_table::model::StateId;

/// One of two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The table before the change.
    Old,
    /// The table after it.
    New,
}

/// A run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace<'a> {
    /// What it did, in order; numbered from 1 over all machines.
    pub steps: Vec<Step<'a>>,
    /// The states in which it ends, each with the name of its machine.
    pub ends: Vec<(&'a str, StateId)>,
    /// What must be said of it, a sentence each.
    pub notes: Vec<String>,
}

/// A step of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// The name of the machine that took it.
    pub machine: &'a str,
    /// The state that it left.
    pub from: StateId,
    /// The row that fired, as an index into [`Machine::rows`](migration_table::model::Machine::rows).
    pub row: usize,
    /// Whether it was taken; otherwise what is known of the run fits another step too.
    pub is_certain: bool,
}

impl Step<'_> {
    /// How the step is numbered that comes after so many others.
    pub(super) fn number(&self, before: usize) -> Number {
        if self.is_certain { Number::Step(before + 1) } else { Number::Perhaps(before + 1) }
    }

    /// The step where only the number of its kind counts.
    pub(super) fn once(&self) -> Number {
        if self.is_certain { Number::Times(1) } else { Number::PerhapsTimes(1) }
    }
}
