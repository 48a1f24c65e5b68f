//! Rows as lines of a description: where they stand, what they say.

use migration_table::model::{Machine, Row, Table};

use super::super::grid::{Fit, Grid};
use super::super::page::{Page, Part};
use super::super::words;

/// Adds rows in the order of the file, under a title; nothing where there are none.
pub(super) fn add(table: &Table, machine: &Machine, title: &str, wanted: &[&Row], page: &mut Page) {
    if wanted.is_empty() {
        return;
    }
    page.paragraph(format!("{title}:"));
    let columns = ["line", "from", "when", "to", "does"].map(str::to_owned).to_vec();
    let mut rows: Vec<Row> = machine.lines();
    rows.retain(|line| wanted.iter().any(|row| row.span == line.span));
    rows.sort_by_key(|row| row.span);
    // A line of a group publishes from where the status changes, and there are rows of their own for that.
    let published = |line: &Row| {
        let of_line: Vec<bool> = wanted.iter().filter(|row| row.span == line.span).map(|row| row.public).collect();
        let status = &table.statuses[machine.state(line.to).shows.index()].name;
        match (of_line.contains(&true), of_line.contains(&false)) {
            (true, false) => Some(format!("publishes {status}")),
            (true, true) => Some(format!("publishes {status} where the status changes")),
            (false, _) => None,
        }
    };
    let cells = |row: &Row| {
        let texts = [
            row.span.line.to_string(),
            row.leaves(),
            row.when.clone(),
            words::state(machine, row.to).to_owned(),
            does(table, machine, row, published(row)),
        ];
        texts.map(|text| vec![text]).to_vec()
    };
    page.parts.push(Part::Grid(Grid { columns, rows: rows.iter().map(cells).collect(), fit: Fit::Wrap }));
}

/// What a row does besides changing the state.
fn does(table: &Table, machine: &Machine, row: &Row, published: Option<String>) -> String {
    let mut parts = Vec::from_iter(published);
    if let Some(reason) = row.reason {
        parts.push(format!("gives the reason {}", table.reasons[reason.index()].name));
    }
    if !row.sends.is_empty() {
        let names: Vec<&str> = row.sends.iter().map(|id| table.messages[id.index()].name.as_str()).collect();
        parts.push(format!("sends {}", names.join(", ")));
    }
    if !row.drops.is_empty() {
        parts.push(format!("drops {}", words::facts(machine, row.drops)));
    }
    parts.join("; ")
}
