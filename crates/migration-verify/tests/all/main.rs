//! The tests of this crate.

mod accused;
mod bounds;
mod differential;
mod faults;
mod mutants;
mod outsiders;
mod paths;
mod plain;
mod postcopy;
mod protocols;
mod reconnects;
mod resting;
mod size;
mod spin;
mod tables;
mod unnoticed;
mod vacuous;
mod walks;
