//! The tests of this crate.

mod faults;
mod mutants;
mod postcopy;
mod paths;
mod qemu;
mod size;
mod spin;
mod tables;
