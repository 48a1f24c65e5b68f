//! Everything about a status, a resource, a group or a kind.

use migration_table::model::{Anchor, Kind, Machine, Row, StateId, Table};

use super::super::page::{Page, Part};
use super::super::words;
use super::heading::{heading, own};
use super::{promises, rows};

/// Adds the status of that name: which states show it, and which rows publish it.
pub(super) fn status(table: &Table, file: &str, name: &str, page: &mut Page) {
    let Some(at) = table.statuses.iter().position(|status| status.name == name) else { return };
    let status = &table.statuses[at];
    page.heading(heading("status", name, file, status.span.line));
    let mut fields = vec![("doc".to_owned(), status.doc.clone()), ("since".to_owned(), status.since.clone())];
    let mut add = |name: &str, text: String| fields.push((name.to_owned(), text));
    promises::life(status.deprecated.as_ref(), status.renamed_from.as_ref(), &mut add);
    for machine in &table.machines {
        let showing = machine.state_ids().filter(|id| machine.state(*id).shows.index() == at);
        let showing: Vec<StateId> = showing.collect();
        let states = if showing.is_empty() { "in no state".to_owned() } else { words::states(machine, showing) };
        fields.push((format!("shown by {}", machine.name), states));
    }
    page.parts.push(Part::Fields(fields));
    for machine in &table.machines {
        let publishes = |row: &&Row| row.public && machine.state(row.to).shows.index() == at;
        let publishing: Vec<&Row> = machine.rows.iter().filter(publishes).collect();
        rows::add(table, machine, &format!("published by {}", machine.name), &publishing, page);
    }
    promises::about(table, |anchor| matches!(anchor, Anchor::Status(named) if named == name), page);
}

/// Adds the resource of that name: in which states it exists.
pub(super) fn resource(table: &Table, file: &str, name: &str, page: &mut Page) {
    let Some(at) = table.resources.iter().position(|resource| resource.name == name) else { return };
    let resource = &table.resources[at];
    page.heading(heading("resource", name, file, resource.span.line));
    let mut fields = vec![("doc".to_owned(), resource.doc.clone())];
    for machine in &table.machines {
        let holds = |id: &StateId| machine.state(*id).holds.iter().any(|held| held.index() == at);
        let holding: Vec<StateId> = machine.state_ids().filter(holds).collect();
        if !holding.is_empty() {
            fields.push((format!("held by {}", machine.name), words::states(machine, holding)));
        }
    }
    page.parts.push(Part::Fields(fields));
}

/// Adds the group of that name of a machine, or the kind: its states, and the rows that leave all of them at once.
pub(super) fn group(table: &Table, file: &str, (machine, name): (&Machine, &str), page: &mut Page) {
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    let (title, states) = if let Some(group) = machine.groups.iter().find(|group| group.name == name) {
        (heading("group", &own(machine, name), file, group.span.line), group.states.clone())
    } else if let Some(kind) = kind {
        let states = machine.state_ids().filter(|id| machine.state(*id).kind == kind).collect();
        (format!("kind `{}`", own(machine, name)), states)
    } else {
        return;
    };
    page.heading(title);
    let outside = machine.state_ids().filter(|id| !states.contains(id));
    let fields = vec![
        ("states".to_owned(), words::states(machine, states.iter().copied())),
        ("not in it".to_owned(), words::states(machine, outside)),
    ];
    page.parts.push(Part::Fields(fields));
    let leaving = machine.rows.iter().filter(|row| row.from_names.iter().any(|from| from == name));
    let leaving: Vec<&Row> = leaving.collect();
    rows::add(table, machine, "transitions that leave it", &leaving, page);
}
