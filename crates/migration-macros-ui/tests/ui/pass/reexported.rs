//! A crate that re-exports the engine names it by its own path.

#![allow(dead_code)]

mod parts {
    pub use migration_machine as engine;
}

mod doors {
    migration_macros::state_machine!("../../../../../migration-macros/tests/tables/tiny.yaml", crate = "crate::parts::engine");
}

use doors::door::{Facts, State, Trigger, advance};

fn main() {
    assert!(advance(State::Shut, Facts::EMPTY).is_none());
    assert_eq!(advance(State::Shut, Trigger::Open.fact()).map(|transition| transition.to), Some(State::Moving));
}
