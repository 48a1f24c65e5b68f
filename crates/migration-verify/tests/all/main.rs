//! The tests of this crate.

mod faults;
mod mutants;
mod paths;
mod postcopy;
mod qemu;
mod size;
mod spin;
mod tables;
