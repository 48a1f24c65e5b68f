//! What maintainers and CI run.

fn main() {}
