//! Properties that say nothing, and properties that cannot be.

use migration_verify::{Outcome, System, verify};

use crate::tables::table;

/// Two hosts, each with a marker that nothing sets.
const UNSET: &str = r#"
format: 1
machine: x
statuses:
  none: { since: "1", doc: "nothing" }
  busy: { since: "1", doc: "under way" }
triggers:
  start: { command: start, doc: "begin it" }
  stop:  { command: stop, doc: "end it" }
events:
  failed: { carries: cause, doc: "the work cannot go on" }
  gone:   { doc: "all is released" }
messages:
  hint: { number: 1, from: a, to: b, doc: "look here" }
machines:
  a:
    doc: "the one"
    markers:
      owns: { doc: "has it" }
    precedence: [stop]
    states:
      none: { kind: idle, shows: none, initial: true, doc: "rests" }
      up:   { kind: work, shows: busy, doc: "serves" }
      ending: { kind: cleanup, shows: busy, doc: "ends" }
    transitions:
      - { from: none, when: start, to: up, public: true, sends: hint }
      - { from: up, when: stop or failed, to: ending }
      - { from: ending, when: gone, to: none, public: true }
    answers:
      - { trigger: start, answer: ignore }
      - { trigger: stop, answer: ignore }
  b:
    doc: "the other"
    markers:
      owns: { doc: "has it" }
    states:
      none: { kind: idle, shows: none, initial: true, doc: "rests" }
      up:   { kind: wait, shows: busy, allow: { T0419: "users may be silent" }, doc: "serves" }
    transitions:
      - { from: none, when: start, to: up, public: true }
      - { from: up, when: hint, to: none, public: true }
    answers:
      - { trigger: start, answer: ignore }
"#;

/// A client that asks a server.
const ASKING: &str = r#"
format: 1
machine: w
statuses:
  none: { since: "1", doc: "nothing" }
  busy: { since: "1", doc: "under way" }
triggers:
  ask:   { command: ask, doc: "ask the other side" }
  serve: { command: serve, doc: "answer the other side" }
events:
  broken: { carries: cause, doc: "the work cannot go on" }
  worked: { doc: "the work is done" }
  late:   { carries: cause, doc: "it took too long" }
messages:
  query: { number: 1, from: client, to: server, doc: "what is it" }
  reply: { number: 2, from: server, to: client, doc: "it is this" }
machines:
  client:
    doc: "asks"
    precedence: [broken, reply]
    states:
      none: { kind: idle, shows: none, initial: true, doc: "rests" }
      waits: { kind: wait, shows: busy, doc: "waits for the reply" }
    transitions:
      - { from: none, when: ask, to: waits, public: true, sends: query }
      - { from: waits, when: reply, to: none, public: true }
      - { from: waits, when: broken, to: none, public: true }
    answers:
      - { trigger: ask, answer: ignore }
  server:
    doc: "answers"
    precedence: [broken, late, query]
    states:
      none: { kind: idle, shows: none, initial: true, doc: "rests" }
      waits: { kind: wait, shows: busy, timer: { event: late, after_ms: 1000 }, doc: "waits for the query" }
      works: { kind: work, shows: busy, doc: "finds out" }
      closes: { kind: cleanup, shows: busy, doc: "closes" }
    transitions:
      - { from: none, when: serve, to: waits, public: true }
      - { from: waits, when: query, to: works }
      - { from: waits, when: late or broken, to: none, public: true }
      - { from: works, when: worked, to: closes, sends: reply }
      - { from: works, when: broken, to: none, public: true }
      - { from: closes, when: worked, to: none, public: true }
    answers:
      - { trigger: serve, answer: ignore }
"#;

fn result(text: &str, property: &str) -> Outcome {
    let table = table(&format!("{text}properties:\n  p: {{ {property}, doc: \"d\" }}\n"));
    let mut report = verify(&table, &System::of(&table), &table.properties, &mut |_| {}).expect("the names are right");
    report.verdicts.pop().expect("the property is decided").result
}

fn vacuous(text: &str, property: &str) -> Option<String> {
    match result(text, property) {
        Outcome::Vacuous { because } => Some(because),
        Outcome::Holds { .. } | Outcome::Fails(_) | Outcome::NotExhausted => None,
    }
}

#[test]
fn a_promise_about_a_marker_that_nothing_sets_says_nothing() {
    assert_eq!(vacuous(UNSET, "at_most_one: owns").as_deref(), Some("`owns` is never true of a host"));
    let because = vacuous(UNSET, "never: a.owns and b.owns");
    assert_eq!(because.as_deref(), Some("`a.owns` never holds by itself"));
}

#[test]
fn a_promise_that_contradicts_itself_says_nothing() {
    let because = "`client.none` and `client.waits` never hold of one host at once";
    assert_eq!(vacuous(ASKING, "never: client.waits and client.none").as_deref(), Some(because));
    let because = "`client shows none` and `client.waits` never hold of one host at once";
    assert_eq!(vacuous(ASKING, "never: client.waits and client shows none").as_deref(), Some(because));
    // What is about one thing alone is what is promised.
    assert!(matches!(result(ASKING, "never: server.closes and client.down and server.down"), Outcome::Vacuous { .. }));
    assert!(matches!(result(ASKING, "never: server.works and not server shows busy"), Outcome::Vacuous { .. }));
    assert!(matches!(
        result(ASKING, "never: not (server.none or server shows busy or server.down)"),
        Outcome::Vacuous { .. }
    ));
}

#[test]
fn what_contradicts_itself_is_not_possible_however_many_attempts_there_are() {
    assert!(matches!(result(ASKING, "possible: client.waits and client.none"), Outcome::Fails(_)));
    assert!(matches!(result(ASKING, "possible: client.waits and client.none, from: client begins"), Outcome::Fails(_)));
    assert!(matches!(result(ASKING, "possible: client.waits and server.works"), Outcome::Holds { .. }));
    let lost = ASKING.replace("    transitions:\n      - { from: none, when: serve", "      lost: { kind: idle, shows: none, doc: \"is nowhere\" }\n    transitions:\n      - { from: none, when: serve");
    assert!(matches!(result(&lost, "possible: server.lost"), Outcome::Fails(_)));
    // Nobody sends the reply that would lead there.
    let row = "      - { from: works, when: worked, to: closes, sends: reply }\n";
    let silent = ASKING.replace(row, "      - { from: works, when: worked, to: closes }\n");
    let silent = silent.replace("when: reply, to: none, public: true", "when: reply, to: told, public: true");
    let told = "      told: { kind: idle, shows: none, doc: \"knows it\" }\n";
    let place = "    transitions:\n      - { from: none, when: ask";
    let silent = silent.replace(place, &format!("{told}{place}"));
    assert!(silent.contains("to: told") && silent.contains("told: {"));
    assert!(matches!(result(&silent, "possible: client.told, from: client begins"), Outcome::Fails(_)));
}
