//! Charts are read back to the same graph by XState, and an interpreter of SCXML takes the same steps as ours.

use std::collections::BTreeSet;
use std::process::Command;

use migration_draw::scxml;
use migration_table::interpret::Run;
use migration_table::model::{Cube, FactId, FactSet, Kind, Machine, Table};
use migration_table::step::advance;
use serde_json::{Map, Value, json};

use super::figures::{odd, tables};
use super::installed::{answered, has, node, own};

/// Walks over each machine.
const WALKS: u64 = 20;

/// Steps of a walk.
const STEPS: usize = 150;

/// A machine in which triggers and events wait for each other, guards change, and precedence decides.
const WAITING: &str = r#"
format: 1
machine: waiting
statuses:
  none:   { since: "1.0", doc: "nothing" }
  active: { since: "1.0", doc: "something" }
triggers:
  migrate: { command: migrate, doc: "start" }
  cancel:  { command: migrate_cancel, doc: "stop" }
  delete:  { command: migrate-start-postcopy, doc: "let the guest go first" }
  other:   { command: other, doc: "something else" }
events:
  ready: { doc: "everything else is ready" }
  done:  { doc: "the end" }
  busy:  { doc: "not now" }
guards:
  allowed:  { capability: allowed, fixed: true, doc: "it may be used" }
  idle_now: { doc: "nothing else is going on" }
machines:
  source:
    doc: "a machine"
    precedence: [cancel]
    states:
      none:   { kind: idle, shows: none,   initial: true, doc: "nothing" }
      active: { kind: work, shows: active, doc: "moves" }
      late:   { kind: work, shows: active, doc: "moves after the guest" }
    transitions:
      - { from: none,   when: migrate,                                                    to: active, public: true }
      - { from: active, when: ready and delete and allowed,                               to: late }
      - { from: active, when: done and not (ready and delete) and not busy,               to: none,   public: true }
      - { from: active, when: cancel and (ready or idle_now),                             to: none,   public: true, drops: [delete] }
      - { from: active, when: busy and other and not (done or cancel or ready or delete), to: late }
      - { from: active, when: other and idle_now and busy and done and ready,             to: active }
      - { from: late,   when: done or delete,                                             to: none,   public: true }
      - { from: late,   when: cancel and busy,                                            to: active }
"#;

/// A machine of another project.
fn machine_of_others(name: &str) -> Table {
    let path = own(&format!("../crates/migration-table/tests/fixtures/machines/{name}.yaml"));
    let text = std::fs::read_to_string(path).expect("there is such a table");
    migration_contract::load(&text).table.expect("it resolves")
}

#[test]
fn charts_are_the_graphs_and_take_the_steps_of_their_machines() {
    let Some(()) = has("node", "--version") else { return };
    let Some(packages) = node() else { return };
    let mut tables = tables();
    tables.push(("odd".to_owned(), odd(false)));
    tables.extend(["job", "pod"].map(|name| (name.to_owned(), machine_of_others(name))));
    tables.push(("waiting".to_owned(), migration_contract::load(WAITING).table.expect("it resolves")));
    let subjects: Vec<(&str, &Table, &Machine)> =
        tables.iter().flat_map(|(name, table)| table.machines.iter().map(move |m| (name.as_str(), table, m))).collect();
    let walks: Vec<Vec<Walk>> =
        subjects.iter().map(|(_, _, machine)| (1..=WALKS).map(|seed| walk(machine, seed)).collect()).collect();
    let input = |((name, table, machine), walks): (&(&str, &Table, &Machine), &Vec<Walk>)| {
        let steps: Vec<&Vec<Value>> = walks.iter().map(|walk| &walk.steps).collect();
        json!({ "name": format!("{name} {}", machine.name), "chart": scxml(table, machine), "walks": steps })
    };
    let found = read(packages, &subjects.iter().zip(&walks).map(input).collect());
    assert_eq!(found.len(), subjects.len());
    for (((name, _, machine), walks), found) in subjects.iter().zip(&walks).zip(&found) {
        let name = format!("{name} {}", machine.name);
        assert_eq!(graph_of(found), graph(machine), "{name}");
        for (walk, found) in walks.iter().zip(found["walks"].as_array().expect("there are walks")) {
            let found: Vec<&str> = found.as_array().expect("a walk").iter().filter_map(Value::as_str).collect();
            let differs = (0..walk.states.len()).find(|at| found.get(*at) != Some(&walk.states[*at].as_str()));
            if let Some(at) = differs {
                panic!(
                    "{name}: {:#?}\nmust lead to {}, not to {:?}",
                    &walk.steps[..=at],
                    walk.states[at],
                    found.get(at)
                );
            }
        }
        let moves = walks.iter().map(|walk| walk.states.windows(2).filter(|pair| pair[0] != pair[1]).count());
        assert!(moves.sum::<usize>() > 10, "{name}: the walks lead nowhere");
    }
}

/// Steps for an interpreter of charts, and the state after each.
struct Walk {
    steps: Vec<Value>,
    states: Vec<String>,
}

/// Walks at random, as the interpreter of tables goes. Evidence is reported for the present visit only, and never where
/// nothing works; a guard that may change does so just before evidence, since a chart looks at it then.
fn walk(machine: &Machine, seed: u64) -> Walk {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut run = Run::new(machine);
    let mut walk = Walk { steps: Vec::new(), states: Vec::new() };
    let name = |run: &Run<'_>| machine.state(run.state()).name.clone();
    let triggers: Vec<FactId> = machine.fact_ids().filter(|id| machine.fact(*id).is_trigger()).collect();
    let events: Vec<FactId> = machine.fact_ids().filter(|id| machine.fact(*id).is_event()).collect();
    let outside: Vec<FactId> = machine.outside_events().iter().collect();
    let mut set = FactSet::EMPTY;
    for step in 0..STEPS {
        let is_idle = machine.state(run.state()).kind == Kind::Idle;
        let events = if is_idle { &outside } else { &events };
        let is_report = !events.is_empty() && random.u8(..3) > 0;
        let fact = random.choice(if is_report { events } else { &triggers }).copied();
        if step == 0 || is_idle || (is_report && random.bool()) {
            let may_change = |id: &FactId| step == 0 || is_idle || !machine.fact(*id).is_fixed();
            let guards: Vec<FactId> = machine.guards().iter().filter(may_change).collect();
            let changed = guards.iter().fold(set, |set, guard| if random.bool() { set | *guard } else { set - *guard });
            if fact.is_none_or(|fact| charts_agree(machine, &run, changed, fact)) {
                set = changed;
                run.set_guards(set);
                let data = guards.iter().map(|id| (machine.fact(*id).name.clone(), json!(set.contains(*id))));
                walk.steps.push(json!({ "set": data.collect::<Map<_, _>>() }));
                walk.states.push(name(&run));
            }
        }
        let Some(fact) = fact else { continue };
        if is_report {
            run.report(run.visit(), fact);
        } else {
            run.raise(fact);
        }
        walk.steps.push(json!({ "event": machine.fact(fact).name }));
        walk.states.push(name(&run));
        if is_final(machine, run.state()) {
            break;
        }
    }
    walk
}

/// Whether every interpreter of charts does the same when guards change and then this fact comes. SCION takes what the
/// guards alone make true before it looks at the fact, and the machine takes both at once. So the fact must not change
/// which row fires, and nothing may ask for it afterwards.
fn charts_agree(machine: &Machine, run: &Run<'_>, guards: FactSet, fact: FactId) -> bool {
    let facts = run.facts() | (guards - machine.fixed_guards());
    let Some(row) = advance(machine, run.state(), facts) else { return true };
    let mut after = run.clone();
    after.set_guards(guards);
    after.report(after.visit(), fact);
    let asked = machine.mentioned_in(machine.rows[row].to) | machine.mentioned_in(after.state());
    advance(machine, run.state(), facts | fact) == Some(row) && !asked.contains(fact)
}

/// What a reader must find: states, those that nothing leaves, and edges as `FROM EVENT TO`, `?` where more is asked.
#[derive(Debug, PartialEq, Eq)]
struct Graph {
    initial: String,
    states: BTreeSet<String>,
    ends: BTreeSet<String>,
    edges: BTreeSet<String>,
}

/// The graph as the table says it: an edge for each fact of each case of each row in each state that it leaves. A trigger is
/// no such fact where it is not what the row needs: there it was accepted earlier. Edges by which a chart takes what has
/// waited have no event and are no others.
fn graph(machine: &Machine) -> Graph {
    let name = |id| machine.state(id).name.clone();
    let mut edges = BTreeSet::new();
    for row in &machine.rows {
        for from in &row.from {
            for cube in &row.cubes {
                let is_needed = |id: &FactId| row.cubes.iter().all(|cube| cube.set.contains(*id));
                let is_heard = |id: &FactId| !machine.fact(*id).is_trigger() || is_needed(id);
                let comes = |id: &FactId| cube.set.contains(*id) && !machine.fact(*id).is_guard() && is_heard(id);
                for fact in machine.fact_ids().filter(comes) {
                    let asks = if cube.without(fact.into()) == Cube::ALWAYS { "" } else { "?" };
                    edges.insert(format!("{} {}{asks} {}", name(*from), machine.fact(fact).name, name(row.to)));
                }
            }
        }
    }
    let ends = machine.state_ids().filter(|id| is_final(machine, *id)).map(name).collect();
    Graph { initial: name(machine.initial), states: machine.state_ids().map(name).collect(), ends, edges }
}

fn graph_of(found: &Value) -> Graph {
    let text = |value: &Value| value.as_str().expect("a name").to_owned();
    let names = |value: &Value| value.as_array().expect("names").iter().map(text).collect();
    let edge = |edge: &Value| {
        let asks = if edge["asks"] == true { "?" } else { "" };
        format!("{} {}{asks} {}", text(&edge["from"]), text(&edge["event"]), text(&edge["to"]))
    };
    let edges = found["edges"].as_array().expect("edges").iter().filter(|edge| edge["event"] != "");
    Graph {
        initial: text(&found["initial"]),
        states: names(&found["states"]),
        ends: names(&found["final"]),
        edges: edges.map(edge).collect(),
    }
}

fn is_final(machine: &Machine, state: migration_table::model::StateId) -> bool {
    machine.state(state).kind == Kind::Idle && !machine.rows.iter().any(|row| row.from.contains(&state))
}

/// What the readers make of the charts, in one start.
fn read(packages: &std::path::Path, charts: &Value) -> Vec<Value> {
    let mut node = Command::new("node");
    node.arg(own("node/read_scxml.js")).env("NODE_PATH", packages.join("node_modules"));
    serde_json::from_str(&answered(&mut node, &charts.to_string())).expect("it writes JSON")
}
