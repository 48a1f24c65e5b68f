//! What clients of a state table were promised.
//!
//! [`public`] computes what a client can observe of a table and writes it down as a lock; [`compare`] says what a
//! change of that means to each kind of client; [`frozen`] judges a table by what was
//! released and approved. [`load()`] checks a table like [`migration_table::load()`], and that it
//! keeps its own guarantees as well.

pub mod compare;
pub mod examples;
pub mod frozen;
mod load;
mod promises;
pub mod public;

pub use load::{check, checks, load, load_bytes_with, load_with};

/// Random tables for the tests of the crates above this one.
#[cfg(any(test, feature = "testing"))]
#[doc(hidden)]
pub mod testing;
