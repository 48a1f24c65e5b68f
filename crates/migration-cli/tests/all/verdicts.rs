//! What `verify` says when its result is worth less than it looks, and runs of which a property has several.

use super::run::{table, xtask};

/// Two hosts each of which waits for a word that the other one need not say.
const WAITING: &str = r#"
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
messages:
  query: { number: 1, from: client, to: server, doc: "what is it" }
  reply: { number: 2, from: server, to: client, doc: "it is this" }
machines:
  client:
    doc: "asks"
    precedence: [broken, reply]
    states:
      none:  { kind: idle, shows: none, initial: true, doc: "rests" }
      waits: { kind: wait, shows: busy, doc: "waits for the reply" }
    transitions:
      - { from: none, when: ask, to: waits, public: true, sends: query }
      - { from: waits, when: reply or broken, to: none, public: true }
    answers:
      - { trigger: ask, answer: ignore }
  server:
    doc: "answers"
    precedence: [broken, query]
    states:
      none:  { kind: idle, shows: none, initial: true, doc: "rests" }
      waits: { kind: wait, shows: busy, doc: "waits for the query" }
      works: { kind: cleanup, shows: busy, doc: "finds out" }
    transitions:
      - { from: none, when: serve, to: waits, public: true }
      - { from: waits, when: query, to: works, sends: reply }
      - { from: waits, when: broken, to: none, public: true }
      - { from: works, when: worked, to: none, public: true }
    answers:
      - { trigger: serve, answer: ignore }
"#;

/// A job of which two rows say what follows.
const UNDECIDED: &str = r#"
format: 1
machine: job
statuses:
  none: { since: "1", doc: "nothing" }
  busy: { since: "1", doc: "under way" }
triggers:
  start: { command: start, doc: "begin it" }
events:
  done: { doc: "the work is done" }
machines:
  job:
    doc: "works"
    states:
      none: { kind: idle, shows: none, initial: true, doc: "rests" }
      runs: { kind: cleanup, shows: busy, doc: "works" }
      ends: { kind: cleanup, shows: busy, doc: "releases all" }
    transitions:
      - { from: none, when: start, to: runs, public: true }
      - { from: runs, when: done, to: ends }
      - { from: runs, when: done, to: none, public: true }
      - { from: ends, when: done, to: none, public: true }
    answers:
      - { trigger: start, answer: ignore }
"#;

const IMPOSSIBLE: &str = "properties:\n  p: { possible: client.waits and client.none, doc: \"d\" }\n";

fn waiting() -> (tempfile::TempDir, String) {
    let silent =
        WAITING.replace("to: works, sends: reply }", "to: works }").replace(" or broken, to: none", ", to: none");
    table(&silent)
}

#[test]
fn a_table_with_errors_is_no_pass() {
    let (_directory, path) = table(UNDECIDED);
    xtask(&["check", &path]).stdout_has("error[T0401]");
    xtask(&["verify", &path]).ended(1).stdout_has("so this is no pass");
    let run = xtask(&["verify", &path, "--format", "json"]);
    let report = run.json();
    assert!(report["table_errors"].as_u64() > Some(0), "{}", run.stdout);
}

#[test]
fn what_is_advised_is_a_value_that_is_taken() {
    let (_directory, path) = table(&format!("{WAITING}{IMPOSSIBLE}"));
    for attempts in ["1", "2", "3"] {
        let run = xtask(&["verify", &path, "--attempts", attempts]);
        run.stdout_has("fails: p");
        assert!(attempts != "3" || !run.stdout.contains("raise `--attempts`"), "{}", run.stdout);
    }
    let help = xtask(&["verify", "--help"]);
    for range in ["on their way, 1 to 8", "each host, 1 to 3", "may die, 0 to 3", "others connect, 1 to 3"] {
        assert!(
            help.stdout.split_whitespace().collect::<Vec<_>>().join(" ").contains(range),
            "{range}: {}",
            help.stdout
        );
    }
}

/// The walks in a directory, by name.
fn walks(directory: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).expect("the walks are there");
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.expect("it is a file").file_name().into_string().expect("the name is UTF-8")
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

#[test]
fn every_run_of_a_property_is_saved_drawn_and_written() {
    let (directory, path) = waiting();
    let saved = directory.path().join("walks");
    let run = xtask(&["verify", &path, "--save", &saved.display().to_string()]);
    let many = run.stdout.matches("fails: nobody-waits-for-ever").count();
    assert_eq!(many, 2, "{}", run.stdout);
    let names = walks(&saved);
    assert!(names.iter().any(|name| name.starts_with("nobody-waits-for-ever-client")), "{names:?}");
    assert!(names.iter().any(|name| name.starts_with("nobody-waits-for-ever-2-")), "{names:?}");
    // They are told apart by their numbers.
    let report = directory.path().join("verify.json").display().to_string();
    xtask(&["verify", &path, "--format", "json", "-o", &report]);
    let trace = ["diagram", "trace", &report, "--table", &path, "--finding"];
    let run = xtask(&[&trace[..], &["nobody-waits-for-ever"]].concat()).ended(2);
    let number = run.stderr.split("choose one of `").nth(1).and_then(|rest| rest.split('`').next());
    let number = number.unwrap_or_else(|| panic!("{}", run.stderr));
    xtask(&[&trace[..], &[number]].concat()).ended(0);
    // One diagram has all of them.
    let run = xtask(&["verify", &path, "--format", "mermaid"]);
    assert_eq!(run.stdout.matches("sequenceDiagram").count(), 1, "{}", run.stdout);
    assert_eq!(run.stdout.matches("Note over h0,h1: nobody-waits-for-ever").count(), 2, "{}", run.stdout);
}
