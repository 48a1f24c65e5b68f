//! The table as JSON for the page: what it says, what follows from it exactly, and nothing that depends on the order of
//! hashes. Sets of facts are hexadecimal, since a number of that language has 53 bits.

use anyhow::Result;
use migration_draw::glance::{self, Page, Part};
use migration_table::model::{Answer, AnswerRow, Fact, FactId, FactKind, FactSet, Machine, Row, State, Table};
use serde_json::{Map, Value, json};

/// The whole table. `file` is the name by which the reader knows it.
pub(super) fn table(table: &Table, file: &str) -> Result<Value> {
    let statuses = table.statuses.iter();
    let statuses = statuses.map(
        |status| json!({ "name": status.name, "since": status.since, "doc": status.doc, "line": status.span.line }),
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
    let (said, races) = (glance::tables(machine)?, glance::race_page(machine)?);
    Ok(json!({
        "name": machine.name,
        "doc": machine.doc,
        "line": machine.span.line,
        "initial": machine.initial.index(),
        "precedence": ids(machine.precedence.iter().map(|id| id.index())),
        "happy_path": ids(machine.happy_path.iter().map(|id| id.index())),
        "facts": machine.facts.iter().map(fact).collect::<Vec<_>>(),
        "states": machine.states.iter().map(state).collect::<Vec<_>>(),
        "groups": groups.collect::<Vec<_>>(),
        "rows": machine.rows.iter().map(row).collect::<Vec<_>>(),
        "strongest": ids(strongest(machine).into_iter()),
        "answers": machine.answers.iter().map(answer).collect::<Vec<_>>(),
        "said": parts(&said),
        "races": parts(&races),
    }))
}

/// The rows by their indices, in the order in which the interpreter prefers them.
fn strongest(machine: &Machine) -> Vec<usize> {
    let mut rows: Vec<(usize, &Row)> = machine.rows.iter().enumerate().collect();
    rows.sort_by(|(_, a), (_, b)| (a.rank, a.to, &a.cubes, &a.when).cmp(&(b.rank, b.to, &b.cubes, &b.when)));
    rows.into_iter().map(|(index, _)| index).collect()
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

fn state(state: &State) -> Value {
    json!({
        "name": state.name,
        "kind": state.kind.name(),
        "shows": state.shows.index(),
        "holds": ids(state.holds.iter().map(|id| id.index())),
        "timeout": state.timeout.map(|timeout| json!({ "event": timeout.event.index(), "after_ms": timeout.after_ms })),
        "doc": state.doc,
        "line": state.span.line,
    })
}

fn row(row: &Row) -> Value {
    json!({
        "from": ids(row.from.iter().map(|id| id.index())),
        "from_names": row.from_names,
        "when": row.when,
        "cubes": row.cubes.iter().map(|cube| [bits(cube.set), bits(cube.clear)]).collect::<Vec<_>>(),
        "mentions": bits(row.mentions),
        "to": row.to.index(),
        "public": row.public,
        "drops": bits(row.drops),
        "sends": ids(row.sends.iter().map(|id| id.index())),
        "rank": row.rank,
        "line": row.span.line,
    })
}

fn answer(row: &AnswerRow) -> Value {
    let (answer, because) = match &row.answer {
        Answer::Accept => ("accept", ""),
        Answer::Ignore => ("ignore", ""),
        Answer::Refuse(reason) => ("refuse", reason.as_str()),
    };
    let states = ids(row.states.iter().map(|id| id.index()));
    let trigger: FactId = row.trigger;
    json!({ "states": states, "trigger": trigger.index(), "answer": answer, "because": because, "line": row.span.line })
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

/// A set as the page takes it: a number in hexadecimal digits, with a bit for each fact.
fn bits(set: FactSet) -> String {
    format!("{:x}", set.iter().fold(0u64, |bits, fact| bits | 1 << fact.0))
}

fn ids(ids: impl Iterator<Item = usize>) -> Vec<usize> {
    ids.collect()
}
