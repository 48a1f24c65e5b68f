//! A client that changes a setting between two attempts, or during one.

use super::agreement;
use crate::compare::{ObserverClass, Report, compare};
use crate::public::project;
use migration_table::testing::load;

/// A job that remembers whether its last attempt was deep, and asks in its middle whether it is held.
const JOB: &str = "format: 1
machine: tiny
statuses:
  none: { since: '0.1', doc: 'nothing was done' }
  run:  { since: '0.1', doc: 'at work' }
  hold: { since: '0.1', doc: 'waits for a command' }
  last: { since: '0.1', doc: 'at work for the last time' }
  done: { since: '0.1', doc: 'it is done' }
  gone: { since: '0.1', doc: 'it was stopped' }
triggers:
  start: { command: start, doc: 'begins' }
  go:    { command: go, doc: 'goes on' }
guards:
  deep: { capability: deep, fixed: true, doc: 'do it well' }
  held: { capability: held, doc: 'wait in the middle' }
events:
  near: { doc: 'little is left' }
  over: { doc: 'nothing is left' }
machines:
  job:
    doc: 'the only machine'
    states:
      none:  { kind: idle, shows: none, initial: true, doc: 'nothing was done' }
      run:   { kind: work, shows: run,  doc: 'at work' }
      hold:  { kind: wait, shows: hold, doc: 'waits' }
      last:  { kind: work, shows: last, doc: 'at work' }
      done:  { kind: idle, shows: done, doc: 'it is done' }
      done2: { kind: idle, shows: done, doc: 'it is done well' }
      gone:  { kind: idle, shows: gone, doc: 'it was stopped' }
    transitions:
      - { from: none, when: start, to: run, public: true }
      - { from: run,  when: near and held, to: hold, public: true }
      - { from: run,  when: near and not held, to: last, public: true }
      - { from: run,  when: go, to: gone, public: true }
      - { from: hold, when: go and held, to: last, public: true }
      - { from: hold, when: go and not held, to: last, public: true }
      - { from: last, when: over and not deep, to: done, public: true }
      - { from: last, when: over and deep, to: done2, public: true }
      - { from: done2, when: start and deep, to: run, public: true }
      - { from: done2, when: start and not deep, to: run, public: true }
    answers:
      - { in: [run, hold, last, done, gone], trigger: start, answer: refuse, because: 'not now' }
      - { in: [none, last, done, done2, gone], trigger: go, answer: refuse, because: 'not now' }
";

const AGAIN: &str = "{ from: done2, when: start and not deep, to: run, public: true }";
const ON: &str = "{ from: hold, when: go and not held, to: last, public: true }";

/// The findings of a comparison that agrees with the simulated clients.
fn compared(new: &str, old: &str) -> Report {
    let (new, old) = (load(new), load(old));
    let found = agreement(&new, &old, 2).expect("the tables are small");
    assert!(found.wrong.is_empty(), "{:#?}", found.wrong);
    compare(&project(&new).unwrap(), &project(&old).unwrap()).expect("the tables are small")
}

/// Says which finding breaks everybody, under which settings, and the evidence as people are shown it.
fn breaks_all(report: &Report, rule: &str) -> (String, String) {
    let is_it = |change: &&crate::compare::Change| change.rule == rule && change.condition.ends_with("after a change");
    let change = report.changes.iter().find(is_it).unwrap_or_else(|| panic!("{rule}: {:#?}", report.changes));
    assert!(ObserverClass::ALL.iter().all(|(name, _)| change.breaks.contains(*name)), "{change:#?}");
    assert!(report.verdicts.iter().all(|verdict| !verdict.compatible), "{:#?}", report.verdicts);
    let text = crate::compare::render_one(change, "0.1", None, migration_table::Style::Plain, &Default::default());
    let evidence = text.lines().skip_while(|line| !line.trim_start().starts_with("evidence"));
    let evidence: Vec<&str> = evidence.take_while(|line| !line.trim_start().starts_with("possible")).collect();
    let evidence: Vec<&str> = evidence.iter().flat_map(|line| line.split_whitespace()).skip(3).collect();
    (change.condition.clone(), evidence.join(" "))
}

#[test]
fn a_setting_that_changes_between_two_attempts() {
    let report = compared(&JOB.replace(AGAIN, &AGAIN.replace("to: run", "to: gone")), JOB);
    let (when, evidence) = breaks_all(&report, "outcome-added");
    assert_eq!(when, "not deep after a change");
    assert_eq!(evidence, "set deep on, `start` ok, run, last, done, set deep off, `start` ok, gone");
    let breaking = report.changes.iter().filter(|change| !change.breaks.is_empty());
    assert_eq!(breaking.count(), 1, "{:#?}", report.changes);
}

#[test]
fn a_command_that_is_refused_once_a_setting_has_changed() {
    let refused = JOB.replace(&format!("      - {AGAIN}\n"), "");
    let refused = refused.replace("trigger: start, answer: refuse, because: 'not now' }", "trigger: start, answer: refuse, because: 'not now' }\n      - { in: done2, trigger: start, answer: refuse, because: 'not well' }");
    let report = compared(&refused, JOB);
    let (when, evidence) = breaks_all(&report, "command-rejected");
    assert_eq!(when, "not deep after a change");
    assert_eq!(evidence, "set deep on, `start` ok, run, last, done, set deep off, `start` GenericError");
}

#[test]
fn a_setting_that_changes_during_an_attempt() {
    let report = compared(&JOB.replace(ON, &ON.replace("to: last", "to: gone")), JOB);
    let found = report.changes.iter().filter(|change| change.condition == "not held after a change").count();
    assert!(found > 0, "{:#?}", report.changes);
    let all: Vec<&String> = report.changes.iter().map(|change| &change.condition).collect();
    assert!(all.iter().all(|condition| condition.ends_with("after a change")), "{all:?}");
    assert!(report.verdicts.iter().all(|verdict| !verdict.compatible), "{:#?}", report.verdicts);
}

/// A status that is shown only once a setting has changed breaks those who fail at what they do not know.
#[test]
fn a_new_status_that_only_a_change_of_settings_shows() {
    let odd = JOB.replace("  gone: { since", "  odd:  { since: '0.2', doc: 'oddly at work' }\n  gone: { since");
    let odd = odd
        .replace("      gone:  { kind", "      odd:   { kind: work, shows: odd, doc: 'oddly' }\n      gone:  { kind");
    let odd = odd.replace(AGAIN, &AGAIN.replace("to: run", "to: odd"));
    let odd = odd.replace("    answers:", "      - { from: odd, when: near, to: run, public: true }\n    answers:");
    let odd = odd.replace("[run, hold, last, done, gone]", "[run, hold, odd, last, done, gone]");
    let odd = odd.replace("[none, last, done,", "[none, odd, last, done,");
    let report = compared(&odd, JOB);
    let added = report.changes.iter().find(|change| change.rule == "status-added").expect("the status is new");
    assert_eq!(added.condition, "not deep after a change");
    assert!(added.message.contains("can now be shown"), "{}", added.message);
    let lives = |name: &str| report.verdicts.iter().all(|it| it.observer != name || it.compatible);
    assert!(!lives("E!") && !lives("P!"), "{:#?}", report.verdicts);
    assert!(added.breaks.iter().eq(["E!", "P!"]), "{added:#?}");
}

#[test]
fn what_is_the_same_whatever_was_set_before_is_no_finding() {
    let merged = JOB
        .replace("start and deep, to: run", "start and not held, to: run")
        .replace("start and not deep, to: run", "start and held, to: run");
    for new in [JOB, &merged] {
        let report = compared(new, JOB);
        assert!(report.changes.is_empty(), "{:#?}", report.changes);
    }
}

/// Another reason that comes only once a setting has changed.
#[test]
fn a_reason_that_only_a_change_of_settings_shows() {
    let reasons = "reasons:\n  near: { since: '0.1', doc: 'little was left' }\n  over: { since: '0.1', doc: 'nothing was left' }\ntriggers:";
    let because =
        |row: &str, reason: &str| row.replace("public: true }", &format!("public: true, reason: {reason} }}"));
    let (stop, again) = ("{ from: run,  when: go, to: gone, public: true }", AGAIN.replace("to: run", "to: gone"));
    let job = JOB.replace("triggers:", reasons).replace(stop, &because(stop, "near"));
    let [old, new] = ["near", "over"].map(|reason| job.replace(AGAIN, &because(&again, reason)));
    let (new, old) = (project(&load(&new)).unwrap(), project(&load(&old)).unwrap());
    let report = compare(&new, &old).expect("the tables are small");
    let told: Vec<String> = report.changes.iter().map(|change| change.key().to_string()).collect();
    let key = "reason-changed: job: gone because over after done [when not deep after a change]";
    assert!(told.iter().any(|it| it == key), "{told:?}");
    assert!(report.verdicts.iter().all(|verdict| !verdict.compatible), "{:#?}", report.verdicts);
    assert!(compare(&old, &old).expect("the tables are small").changes.is_empty());
}

/// Looks at what there is, unless the disk is slow and nobody is in a hurry, and moves it.
const HURRY: &str = "format: 1
machine: mover
statuses:
  none:   { since: '0.1', doc: 'nothing was ever moved' }
  setup:  { since: '0.1', doc: 'it looks at what there is' }
  active: { since: '0.1', doc: 'it is being moved' }
  done:   { since: '0.1', doc: 'it is there' }
triggers:
  start: { command: start, doc: 'move it' }
events:
  looked: { doc: 'it has been looked at' }
  moved:  { doc: 'nearly all is there' }
  ready:  { doc: 'all is there' }
guards:
  eager: { capability: eager, doc: 'the user is in a hurry' }
  slow:  { fixed: true, doc: 'the disk is slow' }
machines:
  mover:
    doc: 'moves things'
    precedence: [looked, moved, ready]
    states:
      none:   { kind: idle, shows: none, initial: true, doc: 'nothing goes on' }
      setup:  { kind: work, shows: setup, doc: 'looks' }
      moving: { kind: work, shows: active, doc: 'moves it' }
      tail:   { kind: work, shows: active, doc: 'moves the rest' }
      done:   { kind: idle, shows: done, doc: 'all is there' }
    transitions:
      - { from: idle,   when: start, to: setup, public: true }
      - { from: setup,  when: looked and not slow, to: moving, public: true }
      - { from: setup,  when: looked and slow and eager, to: moving, public: true }
      - { from: moving, when: moved, to: tail }
      - { from: tail,   when: ready and slow, to: done, public: true }
      - { from: tail,   when: ready and not slow and eager, to: done, public: true }
    answers:
      - { in: work, trigger: start, answer: refuse, because: 'it is under way' }
";

/// An answer after a change tells what the same answer before it did not: the machine has not gone on.
#[test]
fn a_query_after_a_change_tells_something() {
    let new = HURRY.replace("kind: work, shows: setup", "kind: work, shows: active");
    let report = compared(&new.replace("to: moving, public: true", "to: moving"), HURRY);
    let lives = |name: &str| report.verdicts.iter().all(|it| it.observer != name || it.compatible);
    assert!(!lives("P") && !lives("P!"), "{:#?}", report.changes);
}
