//! What `verify` says when its result is worth less than it looks, and runs of which a property has several.

use super::run::{names_in, root, table, xtask};

/// Two hosts each of which waits for a word that the other one need not say.
const QUESTION: &str = include_str!("../../../migration-verify/tests/tables/question.yaml");

/// Two hosts of which one asks the other.
const ASKING: &str = include_str!("../../../migration-verify/tests/tables/asking.yaml");

const IMPOSSIBLE: &str = "properties:\n  p: { possible: client.waits and client.none, doc: \"d\" }\n";

/// The hosts of [`QUESTION`] without what ends their waits.
fn waiting() -> (tempfile::TempDir, String) {
    let stop = "      - { from: ready, when: stop, to: none, public: true }\n";
    assert!(QUESTION.contains(stop));
    table(&QUESTION.replace("sends: answer, ", "").replace(" or lost, to: none", ", to: none").replace(stop, ""))
}

#[test]
fn a_table_with_errors_is_no_pass() {
    let path = root().join("crates/migration-table/tests/fixtures/T0401-ambiguous-transitions/fires.yaml");
    let path = path.display().to_string();
    xtask(&["check", &path]).stdout_has("error[T0401]");
    xtask(&["verify", &path]).ended(1).stdout_has("so this is no pass");
    let run = xtask(&["verify", &path, "--format", "json"]);
    let report = run.json();
    assert!(report["table_errors"].as_u64() > Some(0), "{}", run.stdout);
}

#[test]
fn what_is_advised_is_a_value_that_is_taken() {
    let (_directory, path) = table(&format!("{ASKING}{IMPOSSIBLE}"));
    for attempts in ["1", "2", "3"] {
        let run = xtask(&["verify", &path, "--attempts", attempts]);
        run.stdout_has("fails: p");
        assert!(attempts != "3" || !run.stdout.contains("raise `--attempts`"), "{}", run.stdout);
    }
    // What every further attempt leaves open is not to be decided by further attempts.
    let lease = root().join("crates/migration-verify/tests/tables/lease.yaml").display().to_string();
    let run = xtask(&["verify", &lease, "--attempts", "3", "--kills", "0"]);
    run.ended(2).stdout_has("not exhausted: can").stdout_has("`possible` without `from` asks for one run");
    let help = xtask(&["verify", "--help"]);
    for range in ["on their way, 1 to 8", "each host, 1 to 3", "may die, 0 to 3", "others connect, 1 to 3"] {
        assert!(
            help.stdout.split_whitespace().collect::<Vec<_>>().join(" ").contains(range),
            "{range}: {}",
            help.stdout
        );
    }
}

#[test]
fn every_run_of_a_property_is_saved_drawn_and_written() {
    let (directory, path) = waiting();
    let saved = directory.path().join("walks");
    let run = xtask(&["verify", &path, "--save", &saved.display().to_string()]);
    let many = run.stdout.matches("fails: nobody-waits-for-ever").count();
    assert_eq!(many, 2, "{}", run.stdout);
    let names = names_in(&saved);
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
