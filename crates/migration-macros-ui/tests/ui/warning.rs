//! A warning of a table is a warning of the compiler, which can be made an error.

#![deny(deprecated)]
#![allow(dead_code)]

migration_macros::state_machine!("tables/locking.yaml");

fn main() {}
