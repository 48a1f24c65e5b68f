//! Carries out a live migration, driven by the table.

pub mod address;
pub mod channel;
pub mod convergence;
pub mod dirty;
pub mod guest;
pub mod memory;
pub mod parameters;
pub mod progress;
pub mod transfer;
pub mod wire;
