//! What every picture must keep, whatever the table: nothing left out, nothing said twice, no order of rows in it.

use super::figure::Mark;
use super::plan::{self, Plan, States, Tail};
use super::{caption, dot, mermaid};
use migration_table::model::{Machine, Table};
use migration_table::testing::load;

const STATES: &str = include_str!("../../../states.yaml");

/// A machine with what the real one lacks: no happy path, a state that leads to itself, names that a format could
/// misread, a formula with several cases, and groups that overlap halfway.
const ODD: &str = r#"
format: 1
machine: odd
statuses:
  quiet: { since: "1.0", doc: "says \"nothing\" <at all> & {more}" }
  busy:  { since: "1.0", doc: "at work" }
triggers:
  go: { command: go, doc: "begin" }
events:
  tick:  { doc: "time passes" }
  tock:  { doc: "more time passes" }
  clean: { doc: "all is released" }
guards:
  fast: { doc: "in a hurry" }
machines:
  end:
    doc: "a machine called \"end\""
    groups:
      left:  [state, note]
      right: [note, class]
    states:
      quiet: { kind: idle,    shows: quiet, initial: true, doc: "at rest" }
      state: { kind: work,    shows: busy,  doc: "first" }
      note:  { kind: work,    shows: busy,  doc: "second" }
      class: { kind: work,    shows: busy,  doc: "third" }
      end:   { kind: cleanup, shows: busy,  doc: "last" }
    transitions:
      - { from: quiet, when: go,                          to: state, public: true }
      - { from: state, when: tick and (fast or not tock), to: note }
      - { from: note,  when: tick,                        to: class }
      - { from: left,  when: tock and not tick,           to: end }
      - { from: right, when: tock and not tick and fast,  to: end }
      - { from: end,   when: clean,                       to: quiet, public: true }
"#;

fn every_machine(look: impl Fn(&Table, &Machine)) {
    for text in [STATES, ODD] {
        let table = load(text);
        table.machines.iter().for_each(|machine| look(&table, machine));
    }
}

#[test]
fn pictures_of_the_migration() {
    let table = load(STATES);
    for machine in &table.machines {
        insta::assert_snapshot!(format!("{}_dot", machine.name), dot(&table, machine));
        insta::assert_snapshot!(format!("{}_mermaid", machine.name), mermaid(&table, machine));
        insta::assert_snapshot!(format!("{}_caption", machine.name), caption(&table, machine));
    }
}

#[test]
fn pictures_of_an_odd_machine() {
    let table = load(ODD);
    insta::assert_snapshot!("odd_dot", dot(&table, &table.machines[0]));
    insta::assert_snapshot!("odd_mermaid", mermaid(&table, &table.machines[0]));
}

#[test]
fn the_order_of_rows_and_groups_changes_nothing() {
    every_machine(|table, machine| {
        let mut shuffled = machine.clone();
        shuffled.rows.reverse();
        shuffled.groups.reverse();
        shuffled.answers.reverse();
        for by in 0..shuffled.rows.len() {
            shuffled.rows.rotate_left(by);
            assert_eq!(dot(table, &shuffled), dot(table, machine));
            assert_eq!(mermaid(table, &shuffled), mermaid(table, machine));
        }
    });
}

#[test]
fn every_way_out_of_every_state_is_drawn_once() {
    every_machine(|_, machine| {
        let plan = plan_of(machine);
        for (at, row) in machine.rows.iter().enumerate() {
            for state in &row.from {
                let drawn = plan.arrows.iter().filter(|arrow| arrow.to == row.to);
                let times = drawn
                    .flat_map(|arrow| &arrow.rows)
                    .filter(|(known, states)| *known == at && states.contains(state));
                assert_eq!(times.count(), 1, "`{}` in `{}`", row.when, machine.state(*state).name);
            }
        }
    });
}

fn plan_of(machine: &Machine) -> Plan {
    Plan::new(machine, plan::nodes(machine), plan::Attempts::ToCopies, &|_| Mark::Plain)
}

#[test]
fn an_arrow_leaves_only_states_within_its_tail() {
    every_machine(|_, machine| {
        let plan = plan_of(machine);
        for arrow in &plan.arrows {
            let tail = match arrow.tail {
                Tail::State(state) => States::from([state]),
                Tail::Cluster(at) => plan.clusters[at].states.clone(),
            };
            assert!(arrow.rows.iter().all(|(_, states)| states.is_subset(&tail)));
            let whole = |(_, states): &(usize, States)| *states == tail;
            assert!(arrow.rows.iter().any(whole), "no row leaves all of the frame");
            assert!(matches!(arrow.tail, Tail::State(_)) || !tail.contains(&arrow.to));
        }
    });
}

#[test]
fn clusters_do_not_overlap_halfway_and_have_ids_of_their_own() {
    every_machine(|_, machine| {
        let clusters = plan_of(machine).clusters;
        for (at, one) in clusters.iter().enumerate() {
            for other in &clusters[at + 1..] {
                assert!(one.states.is_disjoint(&other.states) || one.states.is_superset(&other.states));
                let id = |state| machine.state(state).name.as_str();
                assert_ne!(one.id(id), other.id(id));
            }
        }
    });
}

#[test]
fn grouped_rows_of_the_source_are_one_edge_each() {
    let table = load(STATES);
    let machine = table.machine("source").expect("the table has a source");
    let plan = plan_of(machine);
    for to in ["failing", "cancelling"] {
        let to = machine.state_id(to).expect("the source has it");
        assert_eq!(plan.arrows.iter().filter(|arrow| arrow.to == to).count(), 1);
    }
}

#[test]
fn a_machine_with_one_state_can_be_drawn() {
    let table = load(STATES);
    let mut machine = table.machines[0].clone();
    machine.states.truncate(1);
    (machine.rows, machine.groups, machine.answers) = (Vec::new(), Vec::new(), Vec::new());
    machine.happy_path.clear();
    assert!(dot(&table, &machine).contains("\"none\""));
    assert!(mermaid(&table, &machine).contains("[*] --> s_none"));
}
