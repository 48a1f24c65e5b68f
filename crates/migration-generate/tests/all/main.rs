//! What a table becomes as a person reads it, whether it means what the table means, and what can be done with it.

mod expansion;
mod meaning;
mod outside;
mod reasons;
mod rustdoc;
mod typed;

use migration_table::model::Table;
use migration_table::{Style, render};

/// The table of a text that is known to be sound.
fn table(text: &str) -> Table {
    let loaded = migration_contract::load(text);
    let found = render(&loaded.findings, text, "table", Style::Plain);
    assert!(!loaded.findings.has_errors(), "{found}");
    loaded.table.expect("a table without errors")
}
