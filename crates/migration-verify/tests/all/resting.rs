//! Machines that rest, wait for their user, or begin the same wait again and again.

use migration_verify::{Bounds, Outcome, Report, System, verify};

use crate::tables::{changed, table};

/// A dial whose every position is a rest.
const DIAL: &str = r#"
format: 1
machine: dial
statuses:
  a: { since: "1.0", doc: "the first" }
  b: { since: "1.0", doc: "the second" }
  c: { since: "1.0", doc: "the third" }
  d: { since: "1.0", doc: "the fourth" }
  e: { since: "1.0", doc: "the last" }
triggers:
  turn: { command: turn, doc: "turn it by one" }
events: {}
machines:
  dial:
    doc: "a dial"
    states:
      a: { kind: idle, shows: a, initial: true, doc: "the first" }
      b: { kind: idle, shows: b, doc: "the second" }
      c: { kind: idle, shows: c, doc: "the third" }
      d: { kind: idle, shows: d, doc: "the fourth" }
      e: { kind: idle, shows: e, doc: "the last" }
    transitions:
      - { from: a, when: turn, to: b, public: true }
      - { from: b, when: turn, to: c, public: true }
      - { from: c, when: turn, to: d, public: true }
      - { from: d, when: turn, to: e, public: true }
      - { from: e, when: turn, to: a, public: true }
properties:
  short: { never: dial.e, doc: "nobody comes to the last" }
"#;

/// Two machines whose paths end in a state that no step rests in.
const PASSING: &str = r#"
format: 1
machine: letters
statuses:
  none:    { since: "1.0", doc: "nothing goes on" }
  waiting: { since: "1.0", doc: "a letter is awaited" }
  done:    { since: "1.0", doc: "a letter has come" }
triggers:
  write: { command: write, doc: "write a letter" }
  open:  { command: open, doc: "open the door" }
events:
  silent: { carries: cause, doc: "nothing has come" }
messages:
  letter: { number: 1, from: writer, to: reader, doc: "a letter" }
  thanks: { number: 2, from: reader, to: writer, doc: "an answer" }
guards:
  kept: { doc: "letters are kept" }
machines:
  writer:
    doc: "writes"
    precedence: [silent, thanks]
    happy_path: [none, waiting, done]
    states:
      none:    { kind: idle, shows: none, initial: true, doc: "nothing" }
      waiting: { kind: wait, shows: waiting, timeout: { event: silent, after_ms: 1000 }, doc: "waits for thanks" }
      done:    { kind: idle, shows: done, doc: "was thanked" }
    transitions:
      - { from: none, when: write, to: waiting, sends: letter, public: true }
      - { from: waiting, when: thanks, to: done, public: true }
      - { from: waiting, when: silent, to: none, public: true }
  reader:
    doc: "reads"
    precedence: [silent, letter]
    happy_path: [none, waiting, done]
    states:
      none:    { kind: idle, shows: none, initial: true, doc: "nothing" }
      waiting: { kind: wait, shows: waiting, timeout: { event: silent, after_ms: 9000 }, doc: "waits for a letter" }
      done:    { kind: work, shows: done, doc: "has read it" }
      kept:    { kind: idle, shows: none, doc: "has kept it" }
      burnt:   { kind: idle, shows: none, doc: "has burnt it" }
    transitions:
      - { from: none, when: open, to: waiting, public: true }
      - { from: waiting, when: letter, to: done, sends: thanks, public: true }
      - { from: waiting, when: silent, to: none, public: true }
      - { from: done, when: kept, to: kept, public: true }
      - { from: done, when: not kept, to: burnt, public: true }
"#;

/// A client that asks again after each second of silence.
const CALLER: &str = r#"
format: 1
machine: caller
statuses:
  none:   { since: "1.0", doc: "nothing is asked" }
  asking: { since: "1.0", doc: "an answer is awaited" }
triggers:
  ask: { command: ask, doc: "ask" }
events:
  silent: { doc: "nothing was heard for a second" }
  tired:  { carries: cause, doc: "it took too long" }
machines:
  caller:
    doc: "it asks"
    precedence: [tired, silent]
    states:
      none:   { kind: idle, shows: none, initial: true, doc: "nothing" }
      asking: { kind: wait, shows: asking, timeout: { event: silent, after_ms: 1000 }, timer: { event: tired, after_ms: 32000 }, doc: "asks" }
    transitions:
      - { from: none, when: ask, to: asking, public: true }
      - { from: asking, when: silent, to: asking }
      - { from: asking, when: tired, to: none, public: true }
    answers:
      - { in: asking, trigger: ask, answer: ignore }
properties:
  ends: { whenever: caller begins, eventually: caller.none, doc: "asking ends" }
"#;

/// A job that is done when its user says so.
const JOB: &str = r#"
format: 1
machine: job
statuses:
  none:    { since: "1.0", doc: "there is no job" }
  running: { since: "1.0", doc: "it copies" }
triggers:
  start:    { command: start, doc: "begin" }
  complete: { command: complete, doc: "be done once all is copied" }
  cancel:   { command: cancel, doc: "give up" }
events:
  drained: { doc: "all is copied" }
machines:
  job:
    doc: "it copies"
    precedence: [cancel]
    states:
      none:    { kind: idle, shows: none, initial: true, doc: "nothing" }
      running: { kind: work, shows: running, doc: "copies" }
    transitions:
      - { from: none, when: start, to: running, public: true }
      - { from: running, when: drained and complete, to: none, public: true }
      - { from: running, when: cancel, to: none, public: true }
    answers:
      - { in: running, trigger: start, answer: ignore }
      - { in: none, trigger: [complete, cancel], answer: ignore }
"#;

fn report(text: &str) -> Report {
    let table = table(text);
    let system = System { bounds: Bounds { kills: 0, ..Bounds::default() }, ..System::of(&table) };
    verify(&table, &system, &table.properties, &mut |_| {}).expect("the names are right")
}

fn fails(report: &Report, property: &str) -> bool {
    let verdict = report.verdicts.iter().find(|verdict| verdict.property == property);
    matches!(verdict.expect("the property is decided").result, Outcome::Fails(_))
}

#[test]
fn a_machine_may_go_from_rest_to_rest_as_often_as_it_likes() {
    let report = report(DIAL);
    assert!(fails(&report, "short"), "{}", report.text());
}

#[test]
fn a_timer_that_begins_anew_with_each_visit_need_not_run_out() {
    let again = report(CALLER);
    assert!(fails(&again, "ends"), "{}", again.text());
    // In a visit that nothing ends before, it runs out.
    let once = changed(CALLER, "      - { from: asking, when: silent, to: asking }\n", "");
    let once = changed(&once, "timeout: { event: silent, after_ms: 1000 }, ", "");
    let once = report(&once);
    assert!(!fails(&once, "ends"), "{}", once.text());
}

#[test]
fn work_that_lacks_nothing_but_a_command_waits_for_its_user() {
    let waits = report(JOB);
    assert!(!fails(&waits, "nobody-waits-for-ever"), "{}", waits.text());
    // A command that gives up is no way on: work that need not bring anything is stuck.
    let stuck = report(&changed(JOB, "drained: { ", "drained: { rare: true, "));
    assert!(fails(&stuck, "nobody-waits-for-ever"), "{}", stuck.text());
}

/// Whoever passes through the end of its path has come to it, although no configuration has it there.
#[test]
fn an_end_that_is_left_in_the_same_step_is_reached() {
    let result = |text: &str| {
        let report = verify(&table(text), &System::default(), &[], &mut |_| {}).expect("the names are right");
        let verdict = report.verdicts.into_iter().find(|verdict| verdict.property == "can-succeed");
        verdict.expect("both machines have paths").result
    };
    assert_eq!(result(PASSING), Outcome::Holds { needs: Vec::new() });
    // Where nobody thanks, the writer never comes to its end.
    assert!(matches!(result(&changed(PASSING, "to: done, sends: thanks,", "to: done,")), Outcome::Fails(_)));
}

/// What is sent before anything was read is on no connection, which the report says.
#[test]
fn messages_before_anything_was_read_are_said_to_be_lost() {
    let report =
        |text: &str| verify(&table(text), &System::default(), &[], &mut |_| {}).expect("the names are right").text();
    let text = report(&changed(
        PASSING,
        "to: waiting, public: true }\n      - { from: waiting, when: letter",
        "to: waiting, sends: thanks, public: true }\n      - { from: waiting, when: letter",
    ));
    assert!(text.contains("note: `thanks` of reader is taken to be lost"), "{text}");
    assert!(!report(PASSING).contains("taken to be lost"));
}
