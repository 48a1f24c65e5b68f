//! The table as JSON for the page: what it says, and what follows from it exactly. Facts are numbers, and a case is two
//! lists: the facts that are there, and those that are not. Nothing depends on the order of hashes.

use anyhow::Result;
use migration_draw::glance::{self, Page, Part};
use migration_table::cases::between;
use migration_table::explore::Space;
use migration_table::model::{Answer, Cube, Fact, FactId, FactKind, FactSet, Machine, Row, StateId, Table, Timeout};
use migration_table::step;
use serde_json::{Map, Value, json};

use crate::view::decided;

/// The whole table. `file` is the name by which the reader knows it.
pub(super) fn table(table: &Table, file: &str) -> Result<Value> {
    let statuses = table.statuses.iter();
    let statuses = statuses.map(
        |status| json!({ "name": status.name, "since": status.since, "doc": status.doc, "line": status.span.line }),
    );
    let reasons = table.reasons.iter();
    let reasons = reasons.map(
        |reason| json!({ "name": reason.name, "since": reason.since, "doc": reason.doc, "line": reason.span.line }),
    );
    let messages = table.messages.iter().map(|message| {
        json!({ "name": message.name, "from": message.from, "to": message.to, "unsent": message.unsent, "doc": message.doc })
    });
    let resources = table.resources.iter().map(|resource| json!({ "name": resource.name, "doc": resource.doc }));
    let machines: Vec<Value> = table.machines.iter().map(machine).collect::<Result<_>>()?;
    Ok(json!({
        "name": table.name,
        "file": file,
        "statuses": statuses.collect::<Vec<_>>(),
        "reasons": reasons.collect::<Vec<_>>(),
        "messages": messages.collect::<Vec<_>>(),
        "resources": resources.collect::<Vec<_>>(),
        "machines": machines,
    }))
}

fn machine(machine: &Machine) -> Result<Value> {
    let groups = machine
        .groups
        .iter()
        .map(|group| json!({ "name": group.name, "states": ids(group.states.iter().map(|id| id.index())) }));
    let (said, races) = (decided(machine, glance::tables(machine))?, decided(machine, glance::race_page(machine))?);
    let rows = machine.row_numbers_by_state();
    let mut space = Space::new(machine)?;
    let states =
        machine.state_ids().zip(&rows).map(|(id, rows)| state(&mut space, id, rows)).collect::<Result<Vec<_>>>()?;
    Ok(json!({
        "name": machine.name,
        "doc": machine.doc,
        "line": machine.span.line,
        "initial": machine.initial.index(),
        "precedence": ids(machine.precedence.iter().map(|id| id.index())),
        "happy_path": ids(machine.happy_path.iter().map(|id| id.index())),
        "facts": machine.facts.iter().map(fact).collect::<Vec<_>>(),
        "states": states,
        "groups": groups.collect::<Vec<_>>(),
        "rows": machine.rows.iter().map(|own| row(machine, own)).collect::<Vec<_>>(),
        "said": parts(&said),
        "races": parts(&races),
    }))
}

fn fact(fact: &Fact) -> Value {
    let mut members = Map::new();
    let mut add = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
    add("name", json!(fact.name));
    add("doc", json!(fact.doc));
    add("line", json!(fact.span.line));
    if fact.carries_cause {
        add("cause", json!(true));
    }
    if fact.is_outside {
        add("outside", json!(true));
    }
    if fact.is_rare {
        add("rare", json!(true));
    }
    match &fact.kind {
        FactKind::Trigger { command, with, admission, .. } => {
            add("kind", json!("trigger"));
            add("command", json!(command));
            add("with", json!(with));
            add("needs", json!(admission.needs));
            for (name, text) in [("expects", &admission.expects), ("veto", &admission.veto)] {
                if let Some(text) = text {
                    add(name, json!(text));
                }
            }
        }
        FactKind::Event => add("kind", json!("event")),
        FactKind::Message(id) => {
            add("kind", json!("message"));
            add("message", json!(id.index()));
        }
        FactKind::Guard { capability, parameter, fixed } => {
            add("kind", json!("guard"));
            add("fixed", json!(fixed));
            if let Some(capability) = capability {
                add("capability", json!(capability));
            }
            if let Some(parameter) = parameter {
                let mut known = Map::from_iter([("name".to_owned(), json!(parameter.name))]);
                known.extend(parameter.is.iter().map(|is| ("is".to_owned(), json!(is))));
                add("parameter", Value::Object(known));
            }
        }
    }
    Value::Object(members)
}

/// A state, with its rows, strongest first, the events that they await, and the answers to every trigger.
fn state(space: &mut Space<'_>, id: StateId, rows: &[usize]) -> Result<Value> {
    let machine = space.machine;
    let state = machine.state(id);
    let bound = |bound: Timeout| json!({ "event": bound.event.index(), "after_ms": bound.after_ms });
    let (timeout, timer) = (state.timeout.map(bound), state.timer.map(bound));
    Ok(json!({
        "name": state.name,
        "kind": state.kind.name(),
        "shows": state.shows.index(),
        "holds": ids(state.holds.iter().map(|id| id.index())),
        "timeout": timeout,
        "timer": timer,
        "doc": state.doc,
        "line": state.span.line,
        "rows": rows,
        "awaited": facts(step::awaited(machine, id)),
        "answers": answers(space, id)?,
    }))
}

/// The answers to every trigger in a state, by its number: of several the first, one of whose cases over the fixed guards
/// holds.
fn answers(space: &mut Space<'_>, state: StateId) -> Result<Value> {
    let machine = space.machine;
    let takes = space.place_of(state).takes.clone();
    let mut all = Map::new();
    for trigger in machine.fact_ids().filter(|id| machine.fact(*id).is_trigger()) {
        let mut answers = Vec::new();
        for (_, when) in takes.iter().filter(|(taken, _)| *taken == trigger) {
            let cubes = between(&mut space.diagrams, *when, *when)?;
            answers.push(json!({ "cases": cases(&cubes), "says": "accept" }));
        }
        let (says, because) = match step::listed(machine, state, trigger).map(|row| &row.answer) {
            Some(Answer::Accept) => ("accept", ""),
            Some(Answer::Ignore) => ("ignore", ""),
            Some(Answer::Handle) => ("handle", ""),
            Some(Answer::Refuse(reason)) => ("refuse", reason.as_str()),
            None => ("refuse", ""),
        };
        answers.push(json!({ "cases": [[[], []]], "says": says, "because": because }));
        all.insert(trigger.index().to_string(), json!(answers));
    }
    Ok(Value::Object(all))
}

fn row(machine: &Machine, row: &Row) -> Value {
    json!({
        "leaves": row.leaves(),
        "when": row.case,
        "cases": cases(&row.cubes),
        "mentions": facts(row.mentions),
        "to": row.to.index(),
        "public": row.public,
        "reason": row.reason.map(|id| id.index()),
        "drops": facts(row.drops),
        "clears": facts(step::gone(machine, row)),
        "sends": ids(row.sends.iter().map(|id| id.index())),
        "line": row.span.line,
    })
}

/// Cases: for each the facts that are there, and those that are not.
fn cases(cubes: &[Cube]) -> Vec<[Vec<usize>; 2]> {
    cubes.iter().map(|cube| [facts(cube.set), facts(cube.clear)]).collect()
}

/// The tables and remarks of a page: the columns and cells of each table, and the numbered remarks.
fn parts(page: &Page) -> Value {
    let mut grids = Vec::new();
    let mut notes = Vec::new();
    for part in &page.parts {
        match part {
            Part::Grid(grid) => grids.push(json!({ "columns": grid.columns, "rows": grid.rows })),
            Part::Footnotes(texts) => notes.extend(texts.iter().map(|text| json!(text))),
            Part::Heading(_) | Part::Paragraph(_) | Part::Fields(_) => {}
        }
    }
    json!({ "grids": grids, "notes": notes })
}

/// The numbers of some facts.
fn facts(facts: FactSet) -> Vec<usize> {
    ids(facts.iter().map(FactId::index))
}

fn ids(ids: impl Iterator<Item = usize>) -> Vec<usize> {
    ids.collect()
}
