//! Tables with one mistake each: the message names it in the words of the table, at its place there.

mod ambiguous {
    migration_macros::state_machine!("tables/ambiguous.yaml");
}

mod broken_promise {
    migration_macros::state_machine!("tables/broken_promise.yaml");
}

mod dropped_trigger {
    migration_macros::state_machine!("tables/dropped_trigger.yaml");
}

mod endless {
    migration_macros::state_machine!("tables/endless.yaml");
}

mod idle_with_motor {
    migration_macros::state_machine!("tables/idle_with_motor.yaml");
}

mod not_yaml {
    migration_macros::state_machine!("tables/not_yaml.yaml");
}

mod public_flag {
    migration_macros::state_machine!("tables/public_flag.yaml");
}

mod undeclared {
    migration_macros::state_machine!("tables/undeclared.yaml");
}

mod unreachable {
    migration_macros::state_machine!("tables/unreachable.yaml");
}

fn main() {}
