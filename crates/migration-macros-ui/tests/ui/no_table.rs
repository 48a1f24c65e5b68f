//! The path leads nowhere: both places are named.

migration_macros::state_machine!("tables/no_such_table.yaml");

fn main() {}
