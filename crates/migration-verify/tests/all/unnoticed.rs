//! Breaks and deaths that nobody notices: only a limit of time, a user or work leads on.

use migration_verify::{Bounds, Network, Outcome, System, What, verify};

use crate::tables::{changed, table};

/// A client that waits for an answer and hears nothing but that the connection is lost.
pub(crate) const CLIENT: &str = r#"
format: 1
machine: client
statuses:
  none:   { since: "1.0", doc: "nothing goes on" }
  asking: { since: "1.0", doc: "an answer is awaited" }
triggers:
  ask:   { command: ask, doc: "ask" }
  serve: { command: serve, doc: "answer questions" }
  stop:  { command: stop, doc: "answer no more" }
events:
  lost: { carries: cause, doc: "the connection is lost" }
  late: { carries: cause, doc: "it took too long" }
messages:
  question: { number: 1, from: client, to: server, doc: "a question" }
  answer:   { number: 2, from: server, to: client, doc: "an answer" }
machines:
  client:
    doc: "asks"
    precedence: [late, lost, answer]
    states:
      none:   { kind: idle, shows: none, initial: true, doc: "nothing" }
      asking: { kind: wait, shows: asking, doc: "waits" }
    transitions:
      - { from: none, when: ask, to: asking, sends: question, public: true }
      - { from: asking, when: answer or lost, to: none, public: true }
  server:
    doc: "answers"
    precedence: [stop, question]
    states:
      none:  { kind: idle, shows: none, initial: true, doc: "nothing" }
      ready: { kind: wait, shows: asking, doc: "waits for its user or a question" }
    transitions:
      - { from: none, when: serve, to: ready, public: true }
      - { from: ready, when: question, to: none, sends: answer, public: true }
      - { from: ready, when: stop, to: none, public: true }
properties:
  ends: { whenever: client begins, eventually: client.none or client.down, doc: "asking ends" }
"#;

/// What the run shows that breaks the property, if one does, and where its client stays for ever, if it may.
fn ends(text: &str, cut: bool, kills: u8) -> (Option<Vec<What>>, bool) {
    let table = table(text);
    let system = System {
        bounds: Bounds { attempts: 1, kills, ..Bounds::default() },
        network: Network { cut, ..Network::default() },
        ..System::of(&table)
    };
    let report = verify(&table, &system, &table.properties, &mut |_| {}).expect("the names are right");
    let result = |name: &str| {
        let verdict = report.verdicts.iter().find(|verdict| verdict.property == name);
        &verdict.unwrap_or_else(|| panic!("{}", report.text())).result
    };
    let mut run = None;
    if let Outcome::Fails(found) = result("ends") {
        run = Some(found.steps.iter().map(|step| step.what.clone()).collect());
    }
    (run, matches!(result("nobody-waits-for-ever"), Outcome::Fails(_)))
}

fn bounded() -> String {
    let timer = "kind: wait, shows: asking, timer: { event: late, after_ms: 9000 }, doc: \"waits\" }";
    let text = changed(CLIENT, "kind: wait, shows: asking, doc: \"waits\" }", timer);
    changed(&text, "when: answer or lost", "when: answer or lost or late")
}

#[test]
fn a_wait_that_only_a_break_ends_need_not_end() {
    let (run, waits) = ends(CLIENT, true, 0);
    let run = run.expect("a run that breaks it");
    assert!(waits && matches!(run.as_slice(), [What::Raise { .. }, What::Cut]), "{run:?}");
    assert_eq!(ends(&bounded(), true, 1), (None, false));
}

#[test]
fn of_a_death_nobody_need_hear() {
    let (run, waits) = ends(CLIENT, false, 1);
    let run = run.expect("a run that breaks it");
    assert!(waits && run.len() == 2 && run.contains(&What::Kill), "{run:?}");
}

#[test]
fn a_peer_that_lives_says_that_it_closes_the_connection() {
    assert_eq!(ends(CLIENT, false, 0), (None, false));
}
