//! New connections within an attempt.

use migration_verify::{Bounds, Fate, Outcome, System, verify};

use crate::tables::table;

/// A client that asks again on a new connection.
const CLIENT: &str = r#"
format: 1
machine: client
statuses:
  none: { since: "1.0", doc: "nothing goes on" }
  busy: { since: "1.0", doc: "an answer is awaited" }
triggers:
  go:    { command: go,    doc: "ask" }
  serve: { command: serve, doc: "listen" }
events:
  lost: { carries: cause, doc: "the connection broke" }
  gone: { carries: cause, doc: "it took too long" }
messages:
  hello: { number: 1, from: client, to: server, doc: "the first question" }
  again: { number: 2, from: client, to: server, doc: "the question once more" }
machines:
  client:
    doc: "asks"
    precedence: [gone, lost]
    states:
      none:   { kind: idle, shows: none, initial: true, doc: "nothing" }
      asking: { kind: wait, shows: busy, timer: { event: gone, after_ms: 9000 }, doc: "waits" }
      anew:   { kind: wait, shows: busy, reconnects: true, timer: { event: gone, after_ms: 9000 }, doc: "waits" }
    transitions:
      - { from: none,   when: go,   to: asking, public: true, sends: hello }
      - { from: asking, when: lost, to: anew, sends: again }
      - { from: [asking, anew], when: gone, to: none, public: true }
  server:
    doc: "listens"
    precedence: [hello, again]
    states:
      none: { kind: idle, shows: none, initial: true, doc: "nothing" }
      open: { kind: wait, shows: busy, doc: "listens" }
      told: { kind: idle, shows: none, doc: "has heard it once more" }
    transitions:
      - { from: none, when: serve, to: open, public: true }
      - { from: open, when: hello, to: none, public: true }
      - { from: open, when: again, to: told, public: true }
properties:
  never_told: { never: server.told, doc: "the second question is not heard" }
"#;

#[test]
fn what_a_new_connection_loses_is_what_the_old_one_carried() {
    let table = table(CLIENT);
    let bounds = Bounds { attempts: 1, kills: 0, ..Bounds::default() };
    let system = System { bounds, ..System::of(&table) };
    let report = verify(&table, &system, &table.properties, &mut |_| {}).expect("the names are right");
    let verdict = report.verdicts.iter().find(|verdict| verdict.property == "never_told").expect("it is decided");
    let Outcome::Fails(run) = &verdict.result else { panic!("{}", report.text()) };
    let messages = run.steps.iter().flat_map(|step| &step.messages);
    let fates: Vec<(&str, Fate)> = messages.map(|passing| (passing.message.as_str(), passing.fate)).collect();
    let expected = [("hello", Fate::Sent), ("hello", Fate::Lost), ("again", Fate::Sent), ("again", Fate::Arrives)];
    assert_eq!(fates, expected, "{}", report.text());
}

#[test]
fn a_host_that_has_begun_anew_takes_a_new_connection_of_an_older_attempt() {
    let changed = CLIENT.replace(
        "never_told: { never: server.told, doc: \"the second question is not heard\" }",
        "told_after: { after: server hears hello, never: server enters told, until: client begins, doc: \"never both\" }",
    );
    let table = table(&changed);
    let bounds = Bounds { attempts: 2, kills: 0, ..Bounds::default() };
    let system = System { bounds, ..System::of(&table) };
    let report = verify(&table, &system, &table.properties, &mut |_| {}).expect("the names are right");
    let verdict = report.verdicts.iter().find(|verdict| verdict.property == "told_after").expect("it is decided");
    let Outcome::Fails(run) = &verdict.result else { panic!("{}", report.text()) };
    // go, serve, hello is heard, lost, serve, again is heard: nobody needs a second attempt of the client.
    assert_eq!(run.steps.len(), 6, "{}", report.text());
}
