//! What stands above a description.

use migration_table::model::Machine;

/// The heading of a description: what it is, and where it is declared.
pub(super) fn heading(what: &str, name: &str, file: &str, line: usize) -> String {
    format!("{what} `{name}` ({file}:{line})")
}

/// The name by which one machine's own is told from another's.
pub(super) fn own(machine: &Machine, name: &str) -> String {
    format!("{}.{name}", machine.name)
}
