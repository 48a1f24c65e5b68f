//! What has changed between two tables, as data for the page: names of the vocabulary, states, and ways out of states.
//!
//! Ways are compared by state and by what their conditions mean, so that a row that is split, joined or written in
//! another way is no difference. Everything is found by name, and listed in the order of the names.

use std::collections::{BTreeMap, BTreeSet};

use migration_table::model::{Answer, FactKind, FactSet, Machine, Row, State, Table};
use serde_json::{Value, json};

/// Things by their names, each with its properties. Two things with the same properties are equal.
type Words = BTreeMap<String, Vec<(&'static str, String)>>;

/// A way out of a state: where from, when, where to.
type Ways = BTreeMap<(String, String, String), Vec<(&'static str, String)>>;

/// The differences, empty lists where there are none.
pub(super) fn between(old: &Table, new: &Table) -> Value {
    let names: BTreeSet<&str> = old.machines.iter().chain(&new.machines).map(|machine| machine.name.as_str()).collect();
    let machines: Vec<Value> =
        names.iter().map(|name| machine(name, (old, old.machine(name)), (new, new.machine(name)))).collect();
    json!({ "vocabulary": vocabulary(old, new), "machines": machines })
}

fn vocabulary(old: &Table, new: &Table) -> Vec<Value> {
    let mut all = Vec::new();
    let mut add = |what: &str, old: Words, new: Words| {
        all.extend(changes(&old, &new).into_iter().map(
            |(name, change, details)| json!({ "what": what, "name": name, "change": change, "details": details }),
        ));
    };
    add("status", statuses(old), statuses(new));
    add("reason", reasons(old), reasons(new));
    add("message", messages(old), messages(new));
    for kind in ["trigger", "event", "guard"] {
        add(kind, facts(old, kind), facts(new, kind));
    }
    all
}

fn statuses(table: &Table) -> Words {
    table.statuses.iter().map(|status| (status.name.clone(), vec![("since", status.since.clone())])).collect()
}

fn reasons(table: &Table) -> Words {
    table.reasons.iter().map(|reason| (reason.name.clone(), vec![("since", reason.since.clone())])).collect()
}

fn messages(table: &Table) -> Words {
    let words = |message: &migration_table::model::Message| {
        vec![
            ("number", message.number.to_string()),
            ("from", message.from.clone()),
            ("to", message.to.clone()),
            ("unsent", message.unsent.clone().unwrap_or_default()),
        ]
    };
    table.messages.iter().map(|message| (message.name.clone(), words(message))).collect()
}

fn facts(table: &Table, wanted: &str) -> Words {
    let mut found = Words::new();
    for fact in table.machines.iter().flat_map(|machine| &machine.facts) {
        let (kind, words) = match &fact.kind {
            FactKind::Trigger { command, with, admission, .. } => {
                let with: Vec<String> = with.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                let veto = admission.veto.clone().unwrap_or_default();
                let words = vec![
                    ("command", command.clone()),
                    ("with", with.join(", ")),
                    ("needs", admission.needs.join(", ")),
                    ("veto", veto),
                ];
                ("trigger", words)
            }
            FactKind::Event => ("event", Vec::new()),
            FactKind::Message(_) => ("message", Vec::new()),
            FactKind::Guard { capability, fixed, .. } => {
                let words = vec![("capability", capability.clone().unwrap_or_default()), ("fixed", fixed.to_string())];
                ("guard", words)
            }
        };
        if kind == wanted {
            found.insert(fact.name.clone(), words);
        }
    }
    found
}

fn machine(name: &str, old: (&Table, Option<&Machine>), new: (&Table, Option<&Machine>)) -> Value {
    let states = |(table, machine): (&Table, Option<&Machine>)| -> Words {
        let states = machine.into_iter().flat_map(|machine| &machine.states);
        states.map(|own| (own.name.clone(), state(table, own))).collect()
    };
    let changed = changes(&states(old), &states(new));
    let states: Vec<Value> = changed
        .into_iter()
        .map(|(name, change, details)| json!({ "name": name, "change": change, "details": details }))
        .collect();
    let (old_answers, new_answers) = (answers(old), answers(new));
    let answers: Vec<Value> = changes(&old_answers, &new_answers)
        .into_iter()
        .map(|((state, trigger), change, details)| json!({ "state": state, "trigger": trigger, "change": change, "details": details }))
        .collect();
    let ways: Vec<Value> = changes(&ways(old), &ways(new))
        .into_iter()
        .map(|((from, when, to), change, details)| json!({ "from": from, "when": when, "to": to, "change": change, "details": details }))
        .collect();
    json!({ "name": name, "states": states, "ways": ways, "answers": answers })
}

fn state(table: &Table, state: &State) -> Vec<(&'static str, String)> {
    let held: BTreeSet<&str> = state.holds.iter().map(|id| table.resources[id.index()].name.as_str()).collect();
    let timeout = state.timeout.map_or_else(String::new, |timeout| format!("{} ms", timeout.after_ms));
    vec![
        ("kind", state.kind.name().to_owned()),
        ("shows", table.statuses[state.shows.index()].name.clone()),
        ("holds", held.into_iter().collect::<Vec<_>>().join(", ")),
        ("timeout", timeout),
        ("timer", state.timer.map_or_else(String::new, |timer| format!("{} ms", timer.after_ms))),
    ]
}

fn ways((table, machine): (&Table, Option<&Machine>)) -> Ways {
    let mut found = Ways::new();
    if let Some(machine) = machine {
        for row in &machine.rows {
            for from in &row.from {
                let key =
                    (machine.state(*from).name.clone(), condition(machine, row), machine.state(row.to).name.clone());
                found.insert(key, effects(table, machine, row));
            }
        }
    }
    found
}

fn effects(table: &Table, machine: &Machine, row: &Row) -> Vec<(&'static str, String)> {
    let publishes =
        if row.public { table.statuses[machine.state(row.to).shows.index()].name.clone() } else { String::new() };
    let sends: Vec<&str> = row.sends.iter().map(|id| table.messages[id.index()].name.as_str()).collect();
    let reason = row.reason.map(|id| table.reasons[id.index()].name.clone()).unwrap_or_default();
    vec![
        ("publishes", publishes),
        ("reason", reason),
        ("sends", sends.join(", ")),
        ("drops", named(machine, row.drops).join(", ")),
    ]
}

/// When a row fires, in words that are the same for every way of writing it and every order of the facts.
fn condition(machine: &Machine, row: &Row) -> String {
    let cases = row.cubes.iter().map(|cube| {
        let absent = named(machine, cube.clear).into_iter().map(|name| format!("not {name}"));
        named(machine, cube.set).into_iter().chain(absent).collect::<Vec<_>>().join(" and ")
    });
    cases.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" or ")
}

/// Names of facts, in the order of the names.
fn named(machine: &Machine, facts: FactSet) -> Vec<String> {
    let names: BTreeSet<String> = facts.iter().map(|id| machine.fact(id).name.clone()).collect();
    names.into_iter().collect()
}

fn answers((_, machine): (&Table, Option<&Machine>)) -> BTreeMap<(String, String), Vec<(&'static str, String)>> {
    let mut found = BTreeMap::new();
    if let Some(machine) = machine {
        for row in &machine.answers {
            let (answer, because) = match &row.answer {
                Answer::Accept => ("accept", String::new()),
                Answer::Ignore => ("ignore", String::new()),
                Answer::Handle => ("handle", String::new()),
                Answer::Refuse(reason) => ("refuse", reason.clone()),
            };
            for state in &row.states {
                let key = (machine.state(*state).name.clone(), machine.fact(row.trigger).name.clone());
                found.insert(key, vec![("answer", answer.to_owned()), ("because", because.clone())]);
            }
        }
    }
    found
}

/// Returns what was added, removed and changed, each with its details.
fn changes<K: Ord + Clone>(
    old: &BTreeMap<K, Vec<(&'static str, String)>>,
    new: &BTreeMap<K, Vec<(&'static str, String)>>,
) -> Vec<(K, &'static str, Vec<String>)> {
    let keys: BTreeSet<&K> = old.keys().chain(new.keys()).collect();
    let change = |key: &K| match (old.get(key), new.get(key)) {
        (None, Some(words)) => Some(("added", words.iter().filter_map(said).collect())),
        (Some(words), None) => Some(("removed", words.iter().filter_map(said).collect())),
        (Some(old), Some(new)) if old != new => {
            let pairs = old.iter().zip(new).filter(|(a, b)| a != b);
            let word = |text: &str| if text.is_empty() { "nothing".to_owned() } else { format!("`{text}`") };
            Some((
                "changed",
                pairs.map(|(a, b)| format!("{}: {} before, {} now", a.0, word(&a.1), word(&b.1))).collect(),
            ))
        }
        (Some(_) | None, Some(_) | None) => None,
    };
    keys.into_iter().filter_map(|key| change(key).map(|(change, details)| (key.clone(), change, details))).collect()
}

fn said((name, text): &(&'static str, String)) -> Option<String> {
    (!text.is_empty()).then(|| format!("{name}: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: &str = include_str!("../../../../../states.yaml");

    fn table(text: &str) -> Table {
        migration_contract::load(text).table.expect("the table makes sense")
    }

    fn find<'v>(difference: &'v Value, what: &str) -> Vec<&'v Value> {
        let machines = difference["machines"].as_array().into_iter().flatten();
        machines.flat_map(|machine| machine[what].as_array().into_iter().flatten()).collect()
    }

    #[test]
    fn a_table_and_itself_have_no_difference() {
        let table = table(STATES);
        let difference = between(&table, &table);
        assert_eq!(difference["vocabulary"], json!([]));
        for what in ["states", "ways", "answers"] {
            assert!(find(&difference, what).is_empty(), "{what}");
        }
    }

    #[test]
    fn what_is_changed_is_named_with_both_sides() {
        let changed = STATES
            .replacen(
                "completing:     { kind: cleanup, shows: device, ",
                "completing:     { kind: cleanup, shows: completed, ",
                1,
            )
            .replacen("to: handing_over,   sends: [hand_over] }", "to: handing_over }", 1)
            .replacen("when: converged,  ", "when: converged or loaded,  ", 1);
        let difference = between(&table(STATES), &table(&changed));
        let states = find(&difference, "states");
        assert_eq!(states.len(), 1);
        assert_eq!(states[0]["details"], json!(["shows: `device` before, `completed` now"]));
        let ways: Vec<_> =
            find(&difference, "ways").iter().map(|way| (way["when"].clone(), way["change"].clone())).collect();
        let expected = [("loaded", "added"), ("ready", "changed")];
        assert_eq!(ways, expected.map(|(when, change)| (json!(when), json!(change))));
    }
}
