//! Carries out a live migration, driven by the table.

pub mod address;
pub mod cause;
pub mod channel;
pub mod convergence;
mod conversation;
pub mod destination;
pub mod dirty;
pub mod drive;
pub mod guest;
pub mod machine;
pub mod memory;
pub mod parameters;
pub mod progress;
pub mod source;
pub mod states;
mod sync;
pub mod transfer;
mod trouble;
pub mod wire;
