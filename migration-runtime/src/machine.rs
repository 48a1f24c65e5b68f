//! The machines of a migration: those of `migration-machine`, whose work gives a [`Cause`].

pub use migration_machine::{Attempt, Evidence, Performs, Raised, Refusal, Visit, VisitOver, drive};

use crate::cause::Cause;

/// A running machine of one role of a migration; clones share it.
pub type Machine<R> = migration_machine::Machine<R, Cause>;

/// One step of a machine, as observers see it.
pub type Step<'a, R> = migration_machine::Step<'a, R, Cause>;

/// Why an attempt ended: what decided, and the work's own words on it.
pub type Ending = migration_machine::Ending<Cause>;

/// How an attempt ended.
pub type Outcome<R> = migration_machine::Outcome<R, Cause>;

/// Why a message was not sent.
pub type Unsent = migration_machine::Unsent<Cause>;
