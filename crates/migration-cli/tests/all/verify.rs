//! `verify`: the machines of a table together.

use super::run::{states, table, xtask};

#[test]
fn a_table_whose_machines_wait_for_each_other_is_found() {
    let text = states().replace("to: negotiating,    sends: [hello] }", "to: negotiating }");
    let text = text.replace("to: active,         public: true }", "to: active,         public: true, sends: [hello] }");
    let (_directory, path) = table(&text);
    let run = xtask(&["verify", &path]);
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert!(run.stdout.contains("fails: can-succeed"), "{}", run.stdout);
    let run = xtask(&["verify", &path, "--format", "mermaid"]);
    assert!(run.stdout.starts_with("sequenceDiagram"), "{}", run.stdout);
}

#[test]
fn the_table_of_this_workspace_holds() {
    let run = xtask(&["verify"]);
    assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("everything holds"), "{}", run.stdout);
}

#[test]
fn a_bound_that_is_hit_is_status_2() {
    let run = xtask(&["verify", "--configurations", "100"]);
    assert_eq!(run.status, Some(2), "{}", run.stdout);
    assert!(run.stdout.contains("not exhausted"), "{}", run.stdout);
}

#[test]
fn a_program_can_read_the_result() {
    let run = xtask(&["verify", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert!(report["figures"]["configurations"].as_u64().is_some_and(|count| count > 1000), "{}", run.stdout);
}
