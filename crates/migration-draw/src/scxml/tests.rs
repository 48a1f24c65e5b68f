//! The charts of the project's own machines, and of one where facts wait; that programs read them back and take the same
//! steps is tested with those programs, in the package of whole-system tests.

use super::draw;
use migration_table::testing::load;

/// A machine in which triggers and events wait for each other, guards change, and a fact is called by a word of ECMAScript.
const WAITING: &str = r#"
format: 1
machine: waiting
statuses:
  none:   { since: "1.0", doc: "nothing -- at \"all\" <yet> & so on" }
  active: { since: "1.0", doc: "something" }
triggers:
  migrate: { command: migrate, doc: "start" }
  delete:  { command: migrate-start-postcopy, doc: "let the guest go -- it's \"first\" <now> & here" }
events:
  ready: { doc: "everything else is ready" }
  done:  { doc: "the end" }
guards:
  allowed:  { capability: allowed, fixed: true, doc: "it may be used" }
  idle_now: { doc: "nothing else is going on" }
machines:
  source:
    doc: "a machine -- of 'some' <kind> & more"
    states:
      none:   { kind: idle, shows: none,   initial: true, doc: "nothing yet" }
      active: { kind: work, shows: active, doc: "moves" }
      late:   { kind: work, shows: active, doc: "moves on" }
      end:    { kind: idle, shows: none,   doc: "it is over" }
    transitions:
      - { from: none,   when: migrate,                      to: active, public: true }
      - { from: active, when: ready and not delete,         to: late }
      - { from: active, when: delete and allowed and ready, to: late }
      - { from: late,   when: delete and idle_now,          to: none, public: true }
      - { from: late,   when: done,                         to: end,  public: true }
"#;

#[test]
fn charts_of_the_migration_and_of_facts_that_wait() {
    let migration = load(include_str!("../../../../states.yaml"));
    insta::assert_snapshot!("source", draw(&migration, &migration.machines[0]));
    insta::assert_snapshot!("destination", draw(&migration, &migration.machines[1]));
    let waiting = load(WAITING);
    insta::assert_snapshot!("waiting", draw(&waiting, &waiting.machines[0]));
}

#[test]
fn the_order_of_rows_changes_nothing() {
    for text in [include_str!("../../../../states.yaml"), WAITING] {
        let table = load(text);
        for machine in &table.machines {
            let mut shuffled = machine.clone();
            shuffled.groups.reverse();
            for by in 0..shuffled.rows.len() {
                shuffled.rows.reverse();
                shuffled.rows.rotate_left(by);
                assert_eq!(draw(&table, &shuffled), draw(&table, machine));
            }
        }
    }
}

#[test]
fn a_machine_without_guards_uses_no_data() {
    let table = load(include_str!("../../../../migration-macros/tests/tables/tiny.yaml"));
    let chart = draw(&table, table.machine("door").expect("the table has a door"));
    assert!(chart.contains("datamodel=\"null\"") && !chart.contains("cond="));
}
