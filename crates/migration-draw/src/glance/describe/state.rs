//! Everything about a state: what it is, how one comes and goes, and what is said there to every trigger and event.

use migration_table::bdd::TooLarge;
use migration_table::explore::Space;
use migration_table::model::{Machine, Row, StateId, Status, Table};

use super::super::page::{Page, Part};
use super::super::{events, triggers};
use super::heading::{heading, own};
use super::rows;

/// Adds a state: what it is, how one comes and goes, and what is said there to every trigger and event.
pub(super) fn describe(
    table: &Table,
    file: &str,
    (machine, id): (&Machine, StateId),
    page: &mut Page,
) -> Result<(), TooLarge> {
    let state = machine.state(id);
    page.heading(heading("state", &own(machine, &state.name), file, state.span.line));
    page.parts.push(Part::Fields(fields(table, machine, id)));

    let into: Vec<&Row> = machine.rows.iter().filter(|row| row.to == id).collect();
    rows::add(table, machine, "ways in", &into, page);
    let out: Vec<&Row> = machine.rows.iter().filter(|row| row.from.contains(&id)).collect();
    rows::add(table, machine, "ways out", &out, page);

    let mut space = Space::new(machine)?;
    let mut reasons = Vec::new();
    let mut fields = Vec::new();
    for fact in machine.fact_ids() {
        let name = machine.fact(fact).name.clone();
        if machine.fact(fact).is_trigger() {
            let said = triggers::cell(&mut space, id, fact, &mut reasons)?.join("; ");
            fields.push((name, with_reasons(&said, &reasons)));
        } else if machine.fact(fact).is_event() {
            let does = events::cell(&mut space, id, fact)?.join("; ");
            fields.push((name, if does == "-" { "not awaited here".to_owned() } else { does }));
        }
    }
    page.paragraph("when this comes in:");
    page.parts.push(Part::Fields(fields));
    Ok(())
}

fn fields(table: &Table, machine: &Machine, id: StateId) -> Vec<(String, String)> {
    let state = machine.state(id);
    let status = &table.statuses[state.shows.index()];
    let mut fields = vec![
        ("doc".to_owned(), state.doc.clone()),
        ("kind".to_owned(), state.kind.name().to_owned()),
        ("shows".to_owned(), format!("{} ({}): {}", status.name, since(status), status.doc)),
    ];
    let mut add = |name: &str, text: String| fields.push((name.to_owned(), text));
    if machine.initial == id {
        add("initial", "yes".to_owned());
    }
    if !state.holds.is_empty() {
        let held: Vec<&str> = state.holds.iter().map(|id| table.resources[id.index()].name.as_str()).collect();
        add("holds", held.join(", "));
    }
    if let Some(timeout) = state.timeout {
        let event = &machine.fact(timeout.event).name;
        add("timeout", format!("{event} after {} ms without a sign of life", timeout.after_ms));
    }
    if let Some(timer) = state.timer {
        add("timer", format!("{} {} ms after it is entered", machine.fact(timer.event).name, timer.after_ms));
    }
    let groups: Vec<&str> =
        machine.groups.iter().filter(|group| group.states.contains(&id)).map(|group| group.name.as_str()).collect();
    if !groups.is_empty() {
        add("groups", groups.join(", "));
    }
    if let Some(at) = machine.happy_path.iter().position(|state| *state == id) {
        add("happy path", format!("{} of {}", at + 1, machine.happy_path.len()));
    }
    fields
}

fn since(status: &Status) -> String {
    let deprecated = status.deprecated.as_ref().map(|deprecated| format!(", deprecated since {}", deprecated.since));
    format!("since {}{}", status.since, deprecated.unwrap_or_default())
}

/// The reasons in the place of their numbers.
pub(super) fn with_reasons(said: &str, reasons: &[String]) -> String {
    let mut said = said.to_owned();
    for (index, reason) in reasons.iter().enumerate() {
        said = said.replace(&format!("refuse [{}]", index + 1), &format!("refuse: {reason}"));
    }
    said
}
