//! Carries out a live migration, driven by the table.

pub mod address;
pub mod channel;
pub mod dirty;
pub mod guest;
pub mod memory;
pub mod wire;
