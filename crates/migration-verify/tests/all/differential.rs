//! The search of this crate beside plain hosts that share no code with it: what they do, it has found, and what it has
//! found, they do: random tables, searched both ways.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fastrand::Rng;
use migration_table::model::Table;
use migration_verify::{Bounds, Claim, Composition, Graph, Network, Outcome, System, decide};

use crate::plain::{Plain, reach};
use crate::tables::property;

/// Worlds of one random table: larger ones are passed over.
const WORLDS_MAX: usize = 3_000;

/// A random table of two machines. Each machine has an idle state, others, a trigger, events, guards and two messages
/// to the other one.
fn random_table(rng: &mut Rng) -> String {
    let mut text = "format: 1\nmachine: random\nstatuses: { any: { since: \"1\", doc: any } }\n".to_owned();
    text += "triggers: { go: { command: go, doc: go }, stop: { command: stop, doc: stop } }\n";
    text += "events: { done: { doc: done }, fail: { doc: fail } }\n";
    text += "guards: { kept: { capability: kept, fixed: true, doc: kept }, open: { doc: open } }\n";
    text += "messages:\n";
    for (number, (name, from, to)) in
        [("a", "left", "right"), ("b", "left", "right"), ("c", "right", "left"), ("d", "right", "left")]
            .into_iter()
            .enumerate()
    {
        let _ = writeln!(text, "  {name}: {{ number: {}, from: {from}, to: {to}, doc: {name} }}", number + 1);
    }
    text += "machines:\n";
    text += &random_machine(rng, "left", &["a", "b"], &["c", "d"]);
    text += &random_machine(rng, "right", &["c", "d"], &["a", "b"]);
    text
}

fn random_machine(rng: &mut Rng, name: &str, sends: &[&str], hears: &[&str]) -> String {
    let mut facts = vec!["stop", "done", "fail"];
    facts.extend(hears);
    let mut precedence = facts.clone();
    rng.shuffle(&mut precedence);
    let count = rng.usize(2..4);
    let mut text =
        format!("  {name}:\n    doc: {name}\n    precedence: [go, {}]\n    states:\n", precedence.join(", "));
    text += "      s0: { kind: idle, shows: any, initial: true, doc: idle }\n";
    for state in 1..=count {
        let kind = ["work", "wait", "cleanup"][rng.usize(..3)];
        let _ = writeln!(text, "      s{state}: {{ kind: {kind}, shows: any, doc: busy }}");
    }
    text += "    transitions:\n";
    // The first row of the first machine sends: it opens the connection.
    let first = if name == "left" { ", sends: [a]" } else { "" };
    let _ = writeln!(text, "      - {{ from: s0, when: go, to: s1{first} }}");
    for state in 1..=count {
        rng.shuffle(&mut facts);
        for at in 0..rng.usize(1..4) {
            let (fact, other) = (facts[at], facts[at + 1]);
            let shapes = [
                fact.to_owned(),
                fact.to_owned(),
                format!("{fact} and kept"),
                format!("{fact} and not kept"),
                format!("{fact} and open"),
                format!("{fact} and {other}"),
                format!("{fact} or {other} and not open"),
            ];
            let (when, to) = (&shapes[rng.usize(..shapes.len())], rng.usize(..=count));
            let sent = match rng.usize(..3) {
                0 => String::new(),
                1 => format!(", sends: [{}]", sends[rng.usize(..2)]),
                _ => format!(", sends: [{}, {}]", sends[rng.usize(..2)], sends[rng.usize(..2)]),
            };
            let _ = writeln!(text, "      - {{ from: s{state}, when: {when}, to: s{to}{sent} }}");
        }
    }
    text
}

/// What the search says of every pair of states: the steps of its shortest run, where it finds one.
fn found(table: &Table, graph: &Graph<'_, '_>) -> BTreeMap<[String; 2], usize> {
    let [left, right] = [&table.machines[0], &table.machines[1]];
    let pairs = left.states.iter().flat_map(|l| right.states.iter().map(move |r| [l.name.clone(), r.name.clone()]));
    pairs.filter_map(|pair| Some((pair.clone(), steps_to(table, graph, &pair)?))).collect()
}

fn steps_to(table: &Table, graph: &Graph<'_, '_>, [l, r]: &[String; 2]) -> Option<usize> {
    let (left, right) = (&table.machines[0].name, &table.machines[1].name);
    let never = property("pair", Claim::Never(format!("{left}.{l} and {right}.{r}")));
    match decide(graph, &never).expect("the names are right").result {
        Outcome::Fails(run) => Some(run.steps.len()),
        Outcome::Holds { .. } | Outcome::Vacuous { .. } => None,
        Outcome::NotExhausted => panic!("not exhausted"),
    }
}

/// Compares as many random tables as asked for that are small enough, and returns how many pairs were reached.
fn compare(tables: usize, seed: u64, bounds: Bounds, network: Network) -> usize {
    let (mut rng, mut compared, mut reached) = (Rng::with_seed(seed), 0, 0);
    while compared < tables {
        let text = random_table(&mut rng);
        let loaded = migration_table::load(&text);
        let table = loaded.table.unwrap_or_else(|| panic!("{:?}\n{text}", loaded.findings));
        // Where rows of one rank differ, a table does not say which of them fires.
        if loaded.findings.iter().any(|finding| finding.code.0 == "T0401") {
            continue;
        }
        let system = System { bounds, network, ..System::of(&table) };
        let composition = Composition::new(&table, &system).expect("the names are right");
        let Some(plain) = reach(&Plain { table: &table, bounds, network }, WORLDS_MAX) else { continue };
        let graph = Graph::explore(&composition, &mut |_| {});
        assert_eq!(found(&table, &graph), plain, "{text}");
        (compared, reached) = (compared + 1, reached + plain.len());
    }
    reached
}

#[test]
fn plain_hosts_reach_the_same_pairs_of_states_in_as_few_steps() {
    let bounds = Bounds { depth: 8, attempts: 1, kills: 1, ..Bounds::default() };
    assert!(compare(40, 1, bounds, Network::default()) > 200);
    let bounds = Bounds { depth: 6, attempts: 2, kills: 0, ..Bounds::default() };
    assert!(compare(10, 2, bounds, Network::default()) > 50);
    let (bounds, bad) = (
        Bounds { depth: 2, attempts: 1, kills: 0, ..Bounds::default() },
        Network { lose: true, duplicate: true, reorder: true, ..Network::default() },
    );
    assert!(compare(20, 3, bounds, bad) > 100);
}
