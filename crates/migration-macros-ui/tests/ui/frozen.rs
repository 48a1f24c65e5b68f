//! The table does not show what its lock says, or there is no lock to read.

mod differs {
    migration_macros::state_machine!("../../../../migration-macros/tests/tables/tiny.yaml", frozen = "locks/patient.lock");
}

mod edited {
    migration_macros::state_machine!("../../../../migration-macros/tests/tables/tiny.yaml", frozen = "locks/edited.lock");
}

mod missing {
    migration_macros::state_machine!("../../../../migration-macros/tests/tables/tiny.yaml", frozen = "locks/nowhere.lock");
}

mod twice {
    migration_macros::state_machine!("../../../../migration-macros/tests/tables/tiny.yaml", frozen = "locks/tiny.lock", frozen = "locks/tiny.lock");
}

fn main() {}
