//! Post-copy: the guest runs on the destination already, and the rest of its memory follows.
//!
//! The destination makes every page that is missing a trap, by userfaultfd. A vCPU, a device or KVM that touches such a
//! page waits; a thread asks the source for it on a connection of its own, so that no answer queues behind other pages.
//! Meanwhile the source pushes the rest on the main connection, beginning after the page that was asked for last, because
//! a guest that touched one page soon touches the next.
//!
//! [`Fetch`] is the half of the destination and [`Supply`] that of the source. Both outlive their connections: after a
//! break the destination sends [the bitmap of what is missing](send_missing), and both halves go on with a new pair of
//! connections. Until then the guest runs on what has arrived.
//!
//! Nothing but userfaultfd may write a missing page, so bytes from the peer are received beside the memory first. And
//! no thread that serves faults may touch guest memory: it would wait for itself.

mod arrivals;
mod cell;
mod error;
mod faults;
mod fetch;
mod host_memory;
mod inventory;
mod ledger;
mod supply;
mod userfault;

pub use cell::Cell;
pub use error::PostcopyError;
pub use fetch::Fetch;
pub use inventory::{receive_missing, send_missing};
pub use supply::Supply;

pub use crate::figures::{Figures, LATENCY_BUCKETS};
