//! Everything about a status, a reason, a resource, a group or a kind.

use migration_table::model::{Anchor, Kind, Machine, Row, StateId, Status, Table};

use super::super::page::{Page, Part};
use super::super::words;
use super::heading::{heading, own};
use super::{promises, rows};

/// Adds the status of that name: which states show it, and which rows publish it.
pub(super) fn status(table: &Table, file: &str, name: &str, page: &mut Page) {
    let is_it = |status: &Status| status.name == name || status.key == name;
    let Some(at) = table.statuses.iter().position(is_it) else { return };
    let status = &table.statuses[at];
    page.heading(heading("status", &status.key, file, status.span.line));
    let mut fields = vec![("doc".to_owned(), status.doc.clone()), ("since".to_owned(), status.since.clone())];
    if status.name != status.key {
        fields.push(("sent as".to_owned(), status.name.clone()));
    }
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
    promises::about(table, |anchor| matches!(anchor, Anchor::Status(named) if *named == status.name), page);
}

/// Adds the reason of that name: which rows give it.
pub(super) fn reason(table: &Table, file: &str, name: &str, page: &mut Page) {
    let Some(at) = table.reasons.iter().position(|reason| reason.name == name || reason.key == name) else { return };
    let reason = &table.reasons[at];
    page.heading(heading("reason", &reason.key, file, reason.span.line));
    let mut fields = vec![("doc".to_owned(), reason.doc.clone()), ("since".to_owned(), reason.since.clone())];
    if reason.name != reason.key {
        fields.push(("sent as".to_owned(), reason.name.clone()));
    }
    promises::life(reason.deprecated.as_ref(), None, &mut |name, text| fields.push((name.to_owned(), text)));
    page.parts.push(Part::Fields(fields));
    for machine in &table.machines {
        let gives = |row: &&Row| row.reason.is_some_and(|id| id.index() == at);
        let giving: Vec<&Row> = machine.rows.iter().filter(gives).collect();
        rows::add(table, machine, &format!("given by {}", machine.name), &giving, page);
    }
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
