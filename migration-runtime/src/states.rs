//! The two state machines, generated from the table. Nothing here is written by hand.

pub use migration_machine::{Answer, Kind, Role, Word};

migration_macros::state_machine!("../states.yaml", frozen = "../api/current.lock");
