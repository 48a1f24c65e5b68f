//! The tests of this crate.

mod faults;
mod mutants;
mod paths;
mod postcopy;
mod protocols;
mod size;
mod spin;
mod tables;
