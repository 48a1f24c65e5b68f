//! `bench guard MINUTES`: the comparison of public sides held against simulated clients, on mutants of real tables and of
//! random ones, for as long as there is time. The tests do the same with fewer mutants.

use std::path::Path;

use anyhow::Result;

use super::program;

const PACKAGE: &str = "migration-contract";
const EXAMPLE: &str = "guard";
const TABLES: [&str; 6] = [
    "states.yaml",
    "tests/tables/qemu-9.0.yaml",
    "tests/tables/qemu-9.1.yaml",
    "tests/tables/qemu-10.0.yaml",
    "tests/tables/qemu-10.2.yaml",
    "tests/tables/qemu-11.0.yaml",
];

/// Runs for this long, and returns what came of it.
pub(crate) fn run(root: &Path, minutes: f64) -> Result<String> {
    let program = program::build_for_tests(root, PACKAGE, EXAMPLE)?;
    let minutes = minutes.to_string();
    let tables = TABLES.map(|table| root.join(table).display().to_string());
    let arguments: Vec<&str> = std::iter::once(minutes.as_str()).chain(tables.iter().map(String::as_str)).collect();
    let text = program::text(&program, &arguments)?;
    Ok(text.replace(&format!("{}/", root.display()), ""))
}
