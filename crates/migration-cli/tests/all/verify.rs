//! `verify`: the machines of a table together.

use super::run::{states, table, xtask};

#[test]
fn a_table_whose_machines_wait_for_each_other_is_found() {
    let text = first_release().replace("to: negotiating,    sends: [hello] }", "to: negotiating }");
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

/// A directory with a table, which is frozen as 0.1.
fn released(text: &str) -> (tempfile::TempDir, String) {
    let (directory, path) = table(text);
    assert_eq!(xtask(&["api", "bless", "--table", &path]).status, Some(0));
    let run = xtask(&["api", "freeze", "0.1", "--table", &path]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    (directory, path)
}

/// The table of the workspace's first release.
fn first_release() -> String {
    std::fs::read_to_string(super::run::root().join("api/releases/0.1.yaml")).expect("the release has a table")
}

/// The same with a property of both machines.
fn with_property(property: &str) -> String {
    let text = first_release();
    format!("{text}\nproperties:\n  p: {{ {property}, doc: d }}\n")
}

#[test]
fn freeze_keeps_the_table_as_it_is_written() {
    let text = format!("# a remark\n{}", states());
    let (directory, _) = released(&text);
    let kept = std::fs::read_to_string(directory.path().join("broken.api/releases/0.1.yaml"));
    assert_eq!(kept.expect("the table is kept"), text);
}

#[test]
fn a_property_that_only_the_pair_breaks_fails_in_that_direction_only() {
    let (_directory, path) = released(&first_release());
    let text = std::fs::read_to_string(&path).expect("the table is there");
    let silent =
        text.replace("when: started,    to: finishing,   sends: [running] }", "when: started,    to: finishing }");
    assert_ne!(silent, text);
    std::fs::write(&path, &silent).expect("the table can be changed");
    let run = xtask(&["verify", &path, "--releases"]);
    assert_eq!(run.status, Some(1), "{}", run.stdout);
    let parts: Vec<&str> = run.stdout.split_inclusive("configurations").collect();
    assert!(parts[0].contains("fails: can-succeed"), "alone: {}", run.stdout);
    assert!(parts[1].contains("fails: can-succeed"), "new destination, old source: {}", run.stdout);
    assert!(!parts[2].contains("fails:"), "new source, old destination: {}", run.stdout);
}

#[test]
fn what_a_release_fails_with_itself_is_no_new_failure() {
    let (_directory, path) = released(&with_property("never: source.failed and destination.failed"));
    let run = xtask(&["verify", &path, "--with", "0.1"]);
    assert_eq!(run.status, Some(1), "the table alone fails: {}", run.stdout);
    assert_eq!(run.stdout.matches("fails: p, as it does in 0.1 with itself").count(), 2, "{}", run.stdout);
}

#[test]
fn a_name_that_the_release_lacks_is_told_and_never_holds() {
    let (_directory, path) = released(&first_release());
    let text = with_property("never: source.parked and destination.completed");
    let text = text.replace("failed:         { kind: idle,    shows: failed,         doc: \"the attempt failed\" }",
        "failed:         { kind: idle,    shows: failed,         doc: \"the attempt failed\" }\n      parked: { kind: idle, shows: failed, doc: p }");
    let text = text.replace(
        "- { from: abandoning,     when: cleaned_up,                              to: failed,",
        "- { from: abandoning,     when: cleaned_up,                              to: parked,",
    );
    std::fs::write(&path, &text).expect("the table can be changed");
    let run = xtask(&["verify", &path, "--with", "0.1"]);
    assert!(
        run.stdout.contains("note: machine `source` has no state, group, kind or marker `parked`"),
        "{}",
        run.stdout
    );
    let (before, _) = run.stdout.split_once("with the source of 0.1").expect("the pair is reported");
    let pair = before
        .rsplit(
            "

",
        )
        .next()
        .unwrap_or_default();
    assert!(pair.contains("holds: p"), "{}", run.stdout);
}

#[test]
fn a_table_of_a_release_that_is_another_or_missing_is_an_error() {
    let (directory, path) = released(&first_release());
    let kept = directory.path().join("broken.api/releases/0.1.yaml");
    let text = first_release().replace("to: cancelling,     public: true }", "to: failing,     public: true }");
    std::fs::write(&kept, text).expect("the table can be changed");
    let run = xtask(&["verify", &path, "--with", "0.1"]);
    assert_eq!(run.status, Some(2), "{}", run.stdout);
    assert!(run.stderr.contains("is not the table of release 0.1"), "{}", run.stderr);
    std::fs::remove_file(&kept).expect("the table can be removed");
    let run = xtask(&["verify", &path, "--with", "0.1"]);
    assert_eq!(run.status, Some(2), "{}", run.stdout);
    assert!(run.stderr.contains("frozen without its table"), "{}", run.stderr);
    let run = xtask(&["verify", &path, "--releases"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stderr.contains("note: release 0.1 was frozen without its table, and is left out"), "{}", run.stderr);
}

#[test]
fn several_reports_are_one_list_in_json() {
    let (_directory, path) = released(&first_release());
    let run = xtask(&["verify", &path, "--with", "0.1", "--format", "json"]);
    let pairs: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let names: Vec<&str> = pairs.as_array().into_iter().flatten().filter_map(|pair| pair["pair"].as_str()).collect();
    let (source, destination) =
        (format!("{path} with the source of 0.1"), format!("{path} with the destination of 0.1"));
    assert_eq!(names, [path.as_str(), &source, &destination]);
}
