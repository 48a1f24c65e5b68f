//! The overview against the public projection: on our own table, on those of released machines, on random ones.

use std::collections::BTreeSet;

use super::super::super::figure::{Case, Panel};
use super::super::super::svg::{Options, svg};
use super::super::super::{Format, equivalent, render};
use super::super::{View, figure};
use super::rows::explored;
use migration_contract::public::{AutomatonState, Label, PublicMachine, Reply, project_machine, taken};
use migration_table::model::{FactKind, Machine, Row, StateId, Table};
use migration_table::testing::load;
use migration_table::together::only_together;

const RANDOM: u64 = 2000;

/// Statuses, the one that is left and the one that follows.
type Changes = BTreeSet<(String, String)>;

fn own() -> Table {
    load(include_str!("../../../../../states.yaml"))
}

fn released() -> Vec<Table> {
    let texts = [
        include_str!("../../../../../tests/tables/qemu-9.0.yaml"),
        include_str!("../../../../../tests/tables/qemu-9.1.yaml"),
        include_str!("../../../../../tests/tables/qemu-10.0.yaml"),
        include_str!("../../../../../tests/tables/qemu-10.2.yaml"),
        include_str!("../../../../../tests/tables/qemu-11.0.yaml"),
    ];
    texts.map(load).to_vec()
}

/// A random table in which a row publishes if it changes the status, and only then.
fn random(seed: u64) -> Table {
    let mut table = migration_contract::testing::random(seed);
    for machine in &mut table.machines {
        let shows = |state: StateId| machine.states[state.index()].shows;
        let each = |row: &Row| {
            let one = |from| Row { from: vec![from], public: shows(from) != shows(row.to), ..row.clone() };
            row.from.iter().copied().map(one).collect::<Vec<_>>()
        };
        machine.rows = machine.rows.iter().flat_map(each).collect();
    }
    table
}

fn overview(table: &Table, machine: &Machine) -> Panel {
    let figure = figure(table, &[machine], &View::Overview).expect("every machine can be drawn in overview");
    let together = only_together(machine).expect("it is small enough");
    assert!(figure.notes.len() <= usize::from(!together.is_empty()), "nothing is left out: {:?}", figure.notes);
    figure.panels.into_iter().next().expect("there is one")
}

/// What clients are told, under any setting.
fn told(public: &PublicMachine) -> Changes {
    let states = public.behaviours.iter().flat_map(|behaviour| &behaviour.automaton.states);
    let told = |state: &AutomatonState| {
        let shown: BTreeSet<&String> = state.shows.iter().map(|shown| &shown.status).collect();
        let [before] = shown.into_iter().collect::<Vec<_>>()[..] else { panic!("a client knows the status") };
        let event = |label: &Label| match label {
            Label::Event(shown) => Some((before.clone(), shown.status.clone())),
            Label::Reply(..) => None,
        };
        state.edges.keys().filter_map(event).collect::<Vec<_>>()
    };
    states.flat_map(told).collect()
}

/// What the arrows say, by the rows that they stand for; and that their lines say the same.
fn drawn(panel: &Panel) -> Changes {
    let id = |node: usize| panel.nodes[node].status.clone();
    let rows = panel.arrows.iter().flat_map(|arrow| arrow.rows.iter().map(move |way| (arrow, way)));
    let by_rows: Changes =
        rows.flat_map(|(arrow, way)| way.from.iter().map(move |from| (id(*from), id(arrow.to)))).collect();
    let lines = panel.arrows.iter().map(|arrow| (panel.tail_nodes(arrow.tail), arrow.to));
    let by_lines: Changes = lines.flat_map(|(from, to)| from.into_iter().map(move |from| (id(from), id(to)))).collect();
    assert_eq!(by_rows, by_lines, "an arrow from a frame holds in all of it");
    by_rows
}

/// Whether what is said of the one is said of the other too.
fn says_no_more(one: &Case, other: &Case) -> bool {
    let within = |some: &[String], all: &[String]| some.iter().all(|name| all.contains(name));
    within(&other.causes, &one.causes) && within(&other.guards, &one.guards) && within(&other.absent, &one.absent)
}

/// No input stands twice for a change, in whatever rows or arrows.
fn check_once(panel: &Panel) {
    let mut seen: Vec<(usize, usize, &Case)> = Vec::new();
    for arrow in &panel.arrows {
        let cases = arrow.rows.iter().flat_map(|way| way.cases.iter().map(move |case| (way, case)));
        for (from, case) in cases.flat_map(|(way, case)| way.from.iter().map(move |from| (*from, case))) {
            for (_, _, other) in seen.iter().filter(|(one, to, _)| (*one, *to) == (from, arrow.to)) {
                let is_new = !says_no_more(case, other) && !says_no_more(other, case);
                assert!(is_new, "{case:?} and {other:?} from {from} to {}", arrow.to);
            }
            seen.push((from, arrow.to, case));
        }
    }
}

/// A command that stands at an arrow, without a guard and a reserve, is taken wherever a client is shown the status;
/// how many there were.
fn check_taken(machine: &Machine, panel: &Panel, public: &PublicMachine) -> usize {
    let mut checked = 0;
    let ways = panel.arrows.iter().flat_map(|arrow| &arrow.rows);
    for (from, case) in ways.flat_map(|way| {
        let always = way.from.iter().filter(|from| !way.at_times.contains(from));
        always.flat_map(|from| way.cases.iter().map(move |case| (*from, case)))
    }) {
        let ([cause], [], []) = (&case.causes[..], &case.guards[..], &case.absent[..]) else { continue };
        let fact = machine.facts.iter().find(|fact| fact.name == *cause).expect("it is declared");
        let FactKind::Trigger { admission, command, with, .. } = &fact.kind else { continue };
        if !admission.needs.is_empty() || !with.is_empty() {
            continue;
        }
        let success = Label::Reply(command.clone(), Reply::Success);
        let states = public.behaviours.iter().flat_map(|behaviour| &behaviour.automaton.states);
        for state in states.filter(|state| state.shows.iter().any(|shown| shown.status == panel.nodes[from].status)) {
            let answers = state.edges.keys().any(|label| matches!(label, Label::Reply(..)));
            assert!(!answers || state.edges.contains_key(&success), "`{cause}` in `{}`", panel.nodes[from].status);
        }
        checked += 1;
    }
    checked
}

fn check(table: &Table, machine: &Machine) -> usize {
    let (panel, public) = (overview(table, machine), project_machine(table, machine).expect("it is small enough"));
    check_once(&panel);
    let shows = |state: StateId| table.statuses[machine.state(state).shows.index()].name.clone();
    let change = |(from, row): (StateId, usize)| (shows(from), shows(machine.rows[row].to));
    let together = only_together(machine).expect("it is small enough");
    let possible = explored(machine).expect("it is small enough").together.cases;
    let possible = possible.into_iter().filter(|(_, row, _)| machine.rows[*row].public);
    let possible: Changes = possible.map(|(from, row, _)| change((from, row))).collect();
    let (drawn, told) = (drawn(&panel), told(&public));
    let more: Changes = drawn.difference(&told).cloned().collect();
    let is_right = told.is_subset(&drawn) && more.is_subset(&possible) && (more.is_empty() || !together.is_empty());
    assert!(is_right, "`{}` of `{}`: {drawn:?}, {told:?}", machine.name, table.name);
    // What a command does where only several facts lead is nothing that a client sees.
    if together.is_empty() { check_taken(machine, &panel, &public) } else { 0 }
}

#[test]
fn the_own_machines_are_drawn_as_clients_see_them() {
    let table = own();
    for machine in &table.machines {
        assert!(check(&table, machine) > 0, "{}", machine.name);
    }
}

#[test]
fn released_machines_are_drawn_as_clients_see_them() {
    for table in released() {
        for machine in &table.machines {
            check(&table, machine);
        }
    }
}

#[test]
fn random_machines_are_drawn_as_clients_see_them() {
    let (mut taken, mut fewer) = (0, 0);
    for seed in 0..RANDOM {
        let table = random(seed);
        let machine = &table.machines[0];
        let checked = std::panic::catch_unwind(|| check(&table, machine));
        taken += checked.unwrap_or_else(|_| panic!("seed {seed}"));
        let shows = |state: StateId| table.statuses[machine.state(state).shows.index()].name.clone();
        let rows = machine.rows.iter().filter(|row| row.public);
        let written: Changes = rows.map(|row| (shows(row.from[0]), shows(row.to))).collect();
        fewer += usize::from(drawn(&overview(&table, machine)).len() < written.len());
    }
    assert!(taken > 100, "some say what a command does: {taken}");
    assert!(fewer > 100, "in some, rows are written that never change what is shown: {fewer}");
}

#[test]
fn no_format_says_anything_twice() {
    for table in released().into_iter().chain([own()]) {
        for machine in &table.machines {
            let figure = figure(&table, &[machine], &View::Overview).expect("every machine can be drawn in overview");
            let mut texts = vec![equivalent(&figure).markdown()];
            texts.extend([Format::Dot, Format::Mermaid, Format::PlantUml].map(|format| render(&figure, format)));
            for text in &texts {
                let mut said: Vec<&str> =
                    text.lines().filter(|line| line.contains("->") || line.starts_with("| ")).collect();
                assert!(said.len() > 4, "{text}");
                said.sort_unstable();
                let twice = said.windows(2).find(|pair| pair[0] == pair[1]);
                assert_eq!(twice, None, "`{}` of `{}`", machine.name, table.name);
            }
            let listed = render(&figure, Format::Ascii);
            let (_, listed) = listed.split_once("Every way out").expect("every way out is listed");
            let words = listed.split_whitespace().collect::<Vec<_>>().join(" ");
            let arrows = words.replace("~~>", "-->").replace("..>", "-->");
            for cases in arrows.split("--> ").skip(1).filter_map(|way| way.split_once("(event) ")) {
                let (cases, _) = cases.1.split_once(": ").unwrap_or((cases.1, ""));
                let mut cases: Vec<&str> = cases.split(" or ").collect();
                cases.sort_unstable();
                assert!(cases.windows(2).all(|pair| pair[0] != pair[1]), "{cases:?} in {listed}");
            }
        }
    }
}

#[test]
fn what_the_status_does_not_tell_is_said() {
    let table = own();
    let source = table.machine("source").expect("the table has a source");
    let panel = overview(&table, source);
    let at_times = panel.arrows.iter().flat_map(|arrow| arrow.rows.iter().map(move |way| (arrow, way)));
    let at_times = at_times.flat_map(|(arrow, way)| way.at_times.iter().map(move |from| (*from, arrow, way)));
    let said: Vec<(&str, &str, &str)> = at_times
        .map(|(from, arrow, way)| (&*panel.nodes[from].status, &*way.when, &*panel.nodes[arrow.to].status))
        .collect();
    let expected = [
        ("postcopy-active", "pause", "postcopy-paused"),
        ("device", "cancel", "cancelling"),
        ("postcopy-device", "cancel", "cancelling"),
        ("failed", "migrate", "setup"),
    ];
    assert_eq!(said, expected);
    let arrow = panel.arrows.iter().find(|arrow| panel.nodes[arrow.to].status == "cancelling").expect("it is entered");
    assert_eq!(arrow.words, ["cancel / because cancelled (not always in device, postcopy-device)"]);
    let why = "device: cancel is taken in device, and not in handing_over, completing, in_doubt";
    assert!(arrow.tooltip.lines().any(|line| line == why), "{}", arrow.tooltip);
}

#[test]
fn what_cannot_be_computed_exactly_says_so() {
    let mut table = own();
    // More guards that nobody sees than can be chosen in every combination.
    let machine = table.machines.iter_mut().find(|machine| machine.name == "source").expect("the table has a source");
    for at in 0..=migration_contract::public::HIDDEN_MAX {
        let mut fact = machine.facts.iter().find(|fact| fact.is_guard()).expect("there is one").clone();
        fact.name = format!("hidden_{at}");
        let FactKind::Guard { capability, .. } = &mut fact.kind else { panic!("a guard") };
        *capability = None;
        machine.facts.push(fact);
        let hidden = machine.fact_ids().last().expect("there is one");
        machine.rows[0].mentions |= hidden;
    }
    let machine = table.machine("source").expect("the table has a source");
    assert!(project_machine(&table, machine).is_err());
    let figure = figure(&table, &[machine], &View::Overview).expect("every machine can be drawn in overview");
    let [note] = &figure.notes[..] else { panic!("one note: {:?}", figure.notes) };
    assert!(note.starts_with("what a client can observe of machine `source` cannot be computed"), "{note}");
    assert!(note.ends_with("what may happen only if settings change meanwhile is shown too"), "{note}");
    let own = own();
    let exact = overview(&own, own.machine("source").expect("the table has a source"));
    assert_eq!(drawn(&figure.panels[0]), drawn(&exact));
}

#[test]
fn what_is_explored_instead_leaves_nothing_out() {
    let (mut equal, mut more) = (0, 0);
    for seed in 0..RANDOM {
        let table = random(seed);
        let machine = &table.machines[0];
        let exact = taken(&table, machine).expect("it is small enough");
        let rough = explored(machine).expect("it is small enough").alone;
        assert!(exact.states.is_subset(&rough.states) && exact.waits.is_subset(&rough.waits), "seed {seed}");
        assert!(exact.cases.is_subset(&rough.cases), "seed {seed}");
        let is_free = |kind: &FactKind| match kind {
            FactKind::Trigger { admission, .. } => admission.needs.is_empty(),
            FactKind::Guard { capability, parameter, .. } => capability.is_none() && parameter.is_none(),
            FactKind::Event | FactKind::Message(_) => true,
        };
        if machine.facts.iter().all(|fact| is_free(&fact.kind)) {
            assert_eq!(exact, rough, "seed {seed}");
            equal += 1;
        }
        more += usize::from(exact != rough);
    }
    assert!(equal > 100 && more > 10, "{equal} without settings, {more} that settings restrict");
}

#[test]
fn a_happy_path_that_no_run_takes_is_drawn_as_far_as_it_goes() {
    let (mut gaps, mut at_once) = (0, 0);
    for seed in 0..RANDOM {
        let mut table = random(seed);
        table.machines[0].happy_path = table.machines[0].state_ids().collect();
        let machine = &table.machines[0];
        let panel = overview(&table, machine);
        let steps = panel.path.windows(2).filter(|step| {
            !panel.arrows.iter().any(|arrow| panel.tail_nodes(arrow.tail).contains(&step[0]) && arrow.to == step[1])
        });
        gaps += steps.count();
        let words: Vec<&String> = panel.arrows.iter().flat_map(|arrow| &arrow.words).collect();
        assert!(words.iter().all(|words| !words.is_empty()), "{words:?}");
        at_once += words.iter().filter(|words| words.starts_with("at once")).count();
        check(&table, machine);
        let figure = figure(&table, &[machine], &View::Overview).expect("every machine can be drawn in overview");
        assert!(svg(&figure, &Options::default()).contains("<svg"));
        assert!(Format::ALL.iter().all(|format| !render(&figure, *format).is_empty()));
    }
    assert!(gaps > 10 && at_once > 10, "{gaps} steps that no run takes, {at_once} that need nothing");
}

#[test]
fn statuses_that_differ_in_signs_alone_are_nodes_of_their_own() {
    const WIRES: &str = r#"
format: 1
machine: odd
statuses:
  one:   { since: "1.0", wire: "A B", doc: "nothing runs" }
  two:   { since: "1.0", wire: "A-B", doc: "it begins" }
  three: { since: "1.0", wire: "start ", doc: "it ends" }
triggers:
  go: { command: go, doc: "begin" }
events:
  done: { doc: "it is done" }
machines:
  any:
    doc: "a machine"
    states:
      idle_one: { kind: idle, shows: one, initial: true, doc: "nothing runs" }
      begins:   { kind: work, shows: two, doc: "it begins" }
      ends:     { kind: work, shows: three, doc: "it ends" }
    transitions:
      - { from: idle_one, when: go, to: begins, public: true }
      - { from: begins, when: done, to: ends, public: true }
      - { from: ends, when: done, to: idle_one, public: true }
    answers:
      - { trigger: go, answer: ignore }
"#;
    let table = load(WIRES);
    let figure = figure(&table, &[&table.machines[0]], &View::Overview).expect("it can be drawn");
    let mermaid = render(&figure, Format::Mermaid);
    for line in ["[*] --> s_one", "s_one --> s_two : go", "s_two : A-B", "s_three : start "] {
        assert!(mermaid.contains(line), "{line}: {mermaid}");
    }
    assert!(render(&figure, Format::PlantUml).contains("state \"A B\" as s_one "));
    assert!(render(&figure, Format::Dot).contains("\"start \" -> \"one\""));
    let svg = svg(&figure, &Options::default());
    for id in ["any-overview-one", "any-overview-two", "any-overview-three"] {
        assert_eq!(svg.matches(&format!("id=\"{id}\"")).count(), 1, "{id}");
    }
}

/// A row that no run takes which looks after every fact is drawn, and it is said when it fires.
#[test]
fn what_only_several_facts_at_one_look_lead_to_is_drawn() {
    let table = load(include_str!("../../../../../tests/tables/several-flags.yaml"));
    let machine = &table.machines[0];
    let figure = figure(&table, &[machine], &View::Overview).expect("every machine can be drawn in overview");
    let change = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let expected = [("none", "busy"), ("busy", "none"), ("busy", "both"), ("both", "none")];
    assert_eq!(drawn(&figure.panels[0]), expected.map(|(from, to)| change(from, to)).into());
    let note = "fires only if several facts are set before the machine looks: `a and b` in `busy`";
    assert_eq!(figure.notes, [note]);
}
