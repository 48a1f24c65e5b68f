//! What every state machine generated from a table shares: its vocabulary, its transition rule, and the driver.
//!
//! `migration_macros::state_machine!` writes what one table says: enums, rows and answers. Everything that is the same
//! for every table is here, written by hand. Generated code names `core` and this crate, and nothing else.
//!
//! Without the feature `std` (on by default) the crate needs `core` alone: a caller asks the generated `advance` and
//! keeps the state itself. With it there are also [`Machine`], the only owner of a state, which any thread may use, and
//! [`drive()`], which carries a machine through an attempt by calling the work of each state.

#![cfg_attr(not(feature = "std"), no_std)]

mod fact_set;
mod macros;
mod role;
mod scan;
mod visit;
mod word;

#[cfg(feature = "std")]
mod drive;
#[cfg(feature = "std")]
mod machine;
#[cfg(feature = "std")]
mod step;
#[cfg(feature = "std")]
mod sync;

pub use fact_set::FactSet;
pub use role::{
    Answer, Case, Performs, Reply, Reported, Role, StateEntry, StateHead, Timeout, Transition, Unsent, accept, answer,
    handle, ignore, on, refusal_class, refuse,
};
pub use scan::Rows;
pub use visit::{Attempt, Visit, VisitOver};
pub use word::{
    Deprecated, EventEntry, EventWord, Fact, GuardEntry, Kind, MessageEntry, ResourceEntry, StatusEntry, TriggerEntry,
    Word,
};

#[cfg(feature = "std")]
pub use drive::drive;
#[cfg(feature = "std")]
pub use machine::Machine;
#[cfg(feature = "std")]
pub use step::{Ending, Evidence, Noticed, Outcome, Raised, Refusal, Step};
#[cfg(feature = "std")]
pub use visit::Wake;
