//! Pages over several connections: one thread and one connection each on both sides.
//!
//! A page always goes by the same connection, which its address decides. What is sent of it in a later round therefore
//! arrives later, however fast the other connections are, and no round waits for the one before. There is one place
//! where all connections meet: each ends with the end of the memory, and the destination goes on once all have ended.
//! Everything else, device state and messages, goes over the main connection.

mod broken;
mod carrier;
mod inbox;
mod inlet;
mod outbox;
mod outlet;
mod queue;
mod share;
mod taker;

pub use inlet::PageReceivers;
pub use outlet::PageSenders;
pub(super) use outlet::Until;
