//! Findings for people, with the lines of the table that are meant.

use migration_table::model::Table;
use migration_table::{Findings, Style};

use crate::table_file::{Read, TableFile};

/// The findings, and the size of the table.
pub(super) fn report(file: &TableFile, read: &Read, style: Style) -> String {
    file.render(read, style) + &summary(file.name(), read.table.as_ref(), &read.findings)
}

/// The last line: how large the table is and how many findings there are.
pub fn summary(name: &str, table: Option<&Table>, findings: &Findings) -> String {
    let size = table.map_or(String::new(), |table| {
        let states = table.machines.iter().map(|machine| machine.states.len()).sum();
        let rows = table.machines.iter().map(|machine| machine.lines().len()).sum();
        let (machines, states) = (count(table.machines.len(), "machine"), count(states, "state"));
        format!("{machines}, {states}, {}: ", count(rows, "transition"))
    });
    match findings.len() {
        0 => format!("{name}: {size}no findings\n"),
        many => format!("{name}: {size}{}\n", count(many, "finding")),
    }
}

fn count(many: usize, noun: &str) -> String {
    format!("{many} {noun}{}", if many == 1 { "" } else { "s" })
}
