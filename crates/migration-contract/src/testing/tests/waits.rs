//! Clients that wait for what only others can bring about.

use super::agreement;
use crate::compare::{Report, compare};
use crate::public::project;
use migration_table::testing::load;

/// A door. What is in capitals differs.
const DOOR: &str = "format: 1
machine: door
statuses:
  closed: { since: '0.1', doc: 'nothing goes on' }
  open:   { since: '0.1', doc: 'it lets people through' }
triggers:
  unlock: { command: unlock, doc: 'open it' }
  lock:   { command: lock, doc: 'close it once it is swept' }
events:
  swept:  { doc: 'the sweep is over' }
  pushed: { outside: true, doc: 'a person pushed it' }
  late:   { doc: 'it was open for long' }
guards:
  clear: { doc: 'nobody stands in it' }
  auto:  { capability: auto, fixed: true, doc: 'it closes by itself' }
machines:
  door:
    doc: 'one door'
    precedence: [pushed, late, swept]
    states:
      closed: { kind: idle, shows: closed, initial: true, doc: 'nothing goes on' }
      open:   { STATE, shows: open, doc: 'lets people through' }
    transitions:
      - { from: closed, when: unlock, to: open, public: true }
ROWS
    answers:
      - { in: open, trigger: unlock, answer: ignore }
      - { in: closed, trigger: lock, answer: ignore }
      - { in: open, trigger: lock, answer: ignore }
";

const WORK: &str = "kind: work";
const WAIT: &str = "kind: wait";
const TIMED: &str = "kind: wait, timer: { event: late, after_ms: 10000 }";

/// What the open state is, and the conditions of its rows.
type Open<'a> = (&'a str, &'a [&'a str]);

/// The door with this state and rows for these conditions.
fn door((state, conditions): Open<'_>) -> String {
    let row = |condition: &&str| format!("      - {{ from: open, when: {condition}, to: closed, public: true }}");
    let rows: Vec<String> = conditions.iter().map(row).collect();
    DOOR.replace("STATE", state).replace("ROWS", &rows.join("\n"))
}

fn compared(new: &str, old: &str) -> Report {
    let (new, old) = (load(new), load(old));
    let [public, before] = [&new, &old].map(|table| project(table).unwrap());
    // What is new only where no old client sets it is no finding, and is played all the same.
    if public.settings == before.settings {
        let found = agreement(&new, &old, 2).expect("the tables are small");
        assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    }
    compare(&public, &before).expect("the tables are small")
}

fn waits(report: &Report) -> bool {
    report.changes.iter().any(|change| change.rule == "quiescence-added" && change.breaks.len() == 5)
}

/// What a person does need not happen, a time is over once, and a guard of which clients know nothing may not hold then.
#[test]
fn what_others_do_need_not_come() {
    let cases: [(Open<'_>, Open<'_>); 5] = [
        ((TIMED, &["pushed", "late"]), (TIMED, &["pushed", "late and clear"])),
        ((WORK, &["swept"]), (WORK, &["swept and auto", "pushed"])),
        ((WORK, &["swept"]), (WORK, &["swept and clear", "pushed"])),
        ((WORK, &["lock and swept"]), (WORK, &["lock and pushed"])),
        ((WORK, &["lock and swept", "pushed"]), (WORK, &["lock and swept and clear", "pushed"])),
    ];
    for (old, new) in cases {
        let report = compared(&door(new), &door(old));
        assert!(waits(&report), "{new:?}: {:#?}", report.changes);
        assert!(report.verdicts.iter().all(|verdict| !verdict.compatible));
        // The other way round a wait is taken away.
        assert!(!waits(&compared(&door(old), &door(new))), "{new:?}");
    }
    // Nobody bounded that wait before.
    let rows: &[&str] = &["lock and pushed"];
    assert!(compared(&door((WAIT, rows)), &door((WORK, rows))).changes.is_empty());
}

/// A job that prepares itself until the other side lets it in.
const JOB: &str = "format: 1
machine: mover
statuses:
  none:   { since: '0.1', doc: 'nothing was ever moved' }
  setup:  { since: '0.1', doc: 'waits for the other side' }
  active: { since: '0.1', doc: 'it is being moved' }
  done:   { since: '0.1', doc: 'it is there' }
triggers:
  start: { command: start, doc: 'prepare' }
events:
  let:   { outside: true, doc: 'the other side lets it in' }
  moved: { doc: 'all is there' }
machines:
  mover:
    doc: 'moves things'
    states:
      none:   { kind: idle, shows: none, initial: true, doc: 'nothing goes on' }
      setup:  { kind: wait, shows: setup, doc: 'waits for the other side' }
      active: { kind: work, shows: active, doc: 'moves it' }
      done:   { kind: idle, shows: done, doc: 'all is there' }
    transitions:
      - { from: idle,   when: start, to: setup,  public: true }
      - { from: setup,  when: let,   to: active, public: true }
      - { from: active, when: moved, to: done,   public: true }
    answers:
      - { trigger: start, answer: ignore }
";

/// To a client that asks, a status that came a little later is nothing new; that it may stay is.
#[test]
fn a_wait_in_another_status_is_told_to_those_who_ask() {
    let new = JOB.replace("kind: wait, shows: setup", "kind: wait, shows: active");
    let report = compared(&new.replace("to: active, public: true", "to: active"), JOB);
    assert!(waits(&report), "{:#?}", report.changes);
    let effect = report.changes.iter().filter(|change| change.rule == "command-effect-changed");
    assert!(effect.into_iter().all(|change| !change.breaks.contains("P")), "{:#?}", report.changes);
}
