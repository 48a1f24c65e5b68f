//! The tests of this crate.

mod differential;
mod faults;
mod mutants;
mod outsiders;
mod paths;
mod plain;
mod postcopy;
mod protocols;
mod size;
mod spin;
mod tables;
mod walks;
