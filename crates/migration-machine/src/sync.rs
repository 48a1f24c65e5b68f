//! The locks of the machine: those of the standard library, or those of `loom`, which tries every interleaving.
//!
//! Nothing else is switched: what the work does between the machine's steps has no part in their order.

#[cfg(loom)]
pub(crate) use loom::sync::{Arc, Condvar, Mutex, MutexGuard, atomic};
pub(crate) use std::sync::PoisonError;
#[cfg(not(loom))]
pub(crate) use std::sync::{Arc, Condvar, Mutex, MutexGuard, atomic};
