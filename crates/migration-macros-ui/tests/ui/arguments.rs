//! The call itself is wrong.

mod nothing {
    migration_macros::state_machine!();
}

mod no_literal {
    migration_macros::state_machine!(tiny);
}

mod no_string {
    migration_macros::state_machine!(1);
}

mod escaped {
    migration_macros::state_machine!("..\\tables\\tiny.yaml");
}

mod two_paths {
    migration_macros::state_machine!("../../../../migration-macros/tests/tables/tiny.yaml", "../../../../migration-macros/tests/tables/names.yaml");
}

mod unknown {
    migration_macros::state_machine!("../../../../migration-macros/tests/tables/tiny.yaml", colour = "red");
}

mod no_comma {
    migration_macros::state_machine!("../../../../migration-macros/tests/tables/tiny.yaml" colour = "red");
}

fn main() {}
