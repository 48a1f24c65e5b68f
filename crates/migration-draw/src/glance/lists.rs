//! What a table declares, as lists: statuses, reasons, states, transitions.

use migration_table::model::{Machine, Reason, Row, Status, Table, Timeout};

use super::describe::promises;
use super::grid::{Cell, Fit, Grid};
use super::page::{Page, Part};
use super::words;

/// What a client can be shown.
pub(super) fn statuses(table: &Table) -> Page {
    let row = |status: &Status| {
        // One that is to go is not to be chosen from a list.
        let mut meaning = one(&status.doc);
        promises::life(status.deprecated.as_ref(), status.renamed_from.as_ref(), &mut |name, text| {
            meaning.push(format!("{name} {text}"));
        });
        vec![one(&status.name), one(&status.since), meaning]
    };
    let rows = table.statuses.iter().map(row).collect();
    let mut page = Page::default();
    page.heading(format!("{}: statuses", table.name));
    page.parts.push(grid(&["status", "since", "meaning"], rows));
    reasons(table, &mut page);
    page
}

/// Why attempts end, if the table says so.
fn reasons(table: &Table, page: &mut Page) {
    if table.reasons.is_empty() {
        return;
    }
    let row = |reason: &Reason| {
        let mut meaning = one(&reason.doc);
        promises::life(reason.deprecated.as_ref(), None, &mut |name, text| meaning.push(format!("{name} {text}")));
        vec![one(&reason.name), one(&reason.since), meaning]
    };
    page.heading(format!("{}: reasons", table.name));
    page.parts.push(grid(&["reason", "since", "meaning"], table.reasons.iter().map(row).collect()));
}

/// The states of a machine, in the order of the table.
pub(super) fn states(table: &Table, machine: &Machine, page: &mut Page) {
    let mut rows = Vec::new();
    for state in &machine.states {
        let held = state.holds.iter().map(|id| table.resources[id.index()].name.as_str());
        let held: Vec<&str> = held.collect();
        let shown = &table.statuses[state.shows.index()].name;
        let after =
            |bound: Timeout, what| format!("{} after {} ms{what}", machine.fact(bound.event).name, bound.after_ms);
        let timeout = state.timeout.map(|timeout| after(timeout, ""));
        let timer = state.timer.map(|timer| after(timer, " in all"));
        let patience = timeout.into_iter().chain(timer).collect::<Vec<_>>().join(", ");
        rows.push(vec![
            one(&state.name),
            one(state.kind.name()),
            one(shown),
            one(&held.join(", ")),
            one(&patience),
            one(&state.doc),
        ]);
    }
    page.heading(format!("{}: states", machine.name));
    page.parts.push(grid(&["state", "kind", "shows", "holds", "patience", "meaning"], rows));
}

/// The transitions of a machine, by the first state that they leave and then by their strength.
pub(super) fn transitions(table: &Table, machine: &Machine, page: &mut Page) {
    let mut rows = machine.lines();
    let key = |row: &Row| {
        let does = (row.sends.clone(), row.drops, row.reason);
        (row.from.clone(), row.rank, row.to, row.cubes.clone(), row.when.clone(), does)
    };
    rows.sort_by_key(key);
    let row = |row: &Row| {
        let shown = &table.statuses[machine.state(row.to).shows.index()].name;
        let because = row.reason.map(|id| format!("because {}", table.reasons[id.index()].name));
        let sent: Vec<&str> = row.sends.iter().map(|id| table.messages[id.index()].name.as_str()).collect();
        let sends = (!sent.is_empty()).then(|| format!("sends {}", sent.join(", ")));
        let drops = (!row.drops.is_empty()).then(|| format!("drops {}", words::facts(machine, row.drops)));
        vec![
            one(&words::states(machine, row.from.iter().copied())),
            one(&row.when),
            one(words::state(machine, row.to)),
            one(if row.public { shown } else { "" }),
            because.into_iter().chain(sends).chain(drops).collect(),
        ]
    };
    let rows = rows.iter().map(row).collect();
    page.heading(format!("{}: transitions", machine.name));
    page.parts.push(grid(&["from", "when", "to", "a client is told", "and"], rows));
}

fn grid(columns: &[&str], rows: Vec<Vec<Cell>>) -> Part {
    Part::Grid(Grid { columns: columns.iter().map(|name| (*name).to_owned()).collect(), rows, fit: Fit::Wrap })
}

fn one(text: &str) -> Cell {
    if text.is_empty() { Cell::new() } else { vec![text.to_owned()] }
}
