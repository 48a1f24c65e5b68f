//! The tests of this crate.

mod faults;
mod size;
mod tables;
