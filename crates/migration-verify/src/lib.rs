//! The machines of a state table together: what can happen between them, for every interleaving.
//!
//! A table can be sound and its machines can still wait for each other for ever, or both run the guest. This crate
//! composes the machines over their messages ([`Composition`]), explores everything that can happen ([`Graph`]), and
//! decides properties of it. A step of a machine is the one of `migration-table`; nothing here decides what a row does.

mod automaton;
mod builtin;
mod clock;
mod composition;
mod config;
mod counterexample;
mod decide;
mod formula;
mod graph;
mod happening;
mod host;
mod mend;
mod misread;
mod mutate;
mod names;
mod paths;
mod per_step;
mod phrase;
mod promela;
mod property;
mod releases;
mod report;
mod system;
mod timing;
mod under;

pub use migration_table::model::{Act, Claim, Marker, Property};

pub use builtin::{Unheard, Unreached, UnreachedKind, builtin, unheard, unreached};
pub use composition::Composition;
pub use counterexample::{AtTheEnd, Counterexample, Fate, FiredRow, Passing, Told, What};
pub use decide::decide;
pub use graph::{Figures, Graph};
pub use mend::add_mends;
pub use misread::misread;
pub use mutate::{Check, Mutant, Original, mutants};
pub use names::Invalid;
pub use paths::{Cover, Move, Path, Paths, paths};
pub use promela::promela;
pub use property::{Mend, Outcome, Verdict};
pub use releases::{Joined, as_release, with_machine_of};
pub use report::{Report, verify};
pub use system::{Bounds, Clock, Network, Order, System, Wire};
