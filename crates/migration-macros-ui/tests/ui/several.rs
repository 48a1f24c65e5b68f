//! All errors are reported, in the order of the table.

migration_macros::state_machine!("tables/several.yaml");

fn main() {}
