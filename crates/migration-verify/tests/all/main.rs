//! The tests of this crate.

mod faults;
mod qemu;
mod size;
mod tables;
