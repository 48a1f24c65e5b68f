//! A table that shows what its lock says.

mod doors {
    migration_macros::state_machine!("../../../../../migration-macros/tests/tables/tiny.yaml", frozen = "../locks/tiny.lock");
}

fn main() {
    assert_eq!(doors::door::State::Shut.shows().name(), "closed");
}
