//! What programs are told: each format is valid by the schema that is published for it.

use serde_json::Value;

use super::Project;
use crate::all::run::{root, xtask};

/// A project with an open finding, an approved one, and a file that is not in order.
fn untidy() -> Project {
    let project = Project::released();
    project.refuse_cancel_in_device();
    project.edit(
        "states.yaml",
        "      - { in: [idle, cancelling], trigger: cancel,   answer: ignore }",
        "      - { in: idle,               trigger: cancel,   answer: ignore }\n      - { in: cancelling,         trigger: cancel,   answer: refuse, because: \"once is enough\" }",
    );
    let keys = project.open_keys();
    project.approve(&keys[0], "0.2");
    std::fs::remove_file(project.path("api/current.lock")).expect("the lock is there");
    project
}

fn report(project: &Project, format: &str) -> String {
    let run = project.ends(&["check", "--format", format], 1);
    assert_eq!(run.stderr, "");
    run.stdout
}

fn valid(schema: &Value, instance: &Value) {
    let validator = jsonschema::validator_for(schema).expect("the schema is one");
    let errors: Vec<String> =
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn json_is_what_its_schema_says() {
    let schema = xtask(&["api", "schema"]).json();
    let mut report: Value = serde_json::from_str(&report(&untidy(), "json")).expect("the report is JSON");
    valid(&schema, &report);
    assert_eq!((&report["format"], &report["passed"]), (&1.into(), &false.into()));
    assert!(report["findings"].as_array().is_some_and(|findings| !findings.is_empty()));
    assert!(report["disorder"].as_array().is_some_and(|disorder| disorder[0]["rule"] == "lock-stale"));
    // The schema is one that can be broken.
    report["passed"] = "perhaps".into();
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    assert!(!validator.is_valid(&report));
}

#[test]
fn sarif_is_what_oasis_has_published() {
    let path = root().join("tests/data/schemas/sarif-2.1.0.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(path).expect("the schema is there")).expect("JSON");
    let log: Value = serde_json::from_str(&report(&untidy(), "sarif")).expect("the log is JSON");
    valid(&schema, &log);
    let results = log["runs"][0]["results"].as_array().expect("a list");
    assert!(results.iter().any(|result| result["suppressions"][0]["status"] == "accepted"), "{log:#}");
    let table = results.iter().any(|result| {
        let place = &result["locations"][0]["physicalLocation"];
        place["artifactLocation"]["uri"].as_str().is_some_and(|uri| uri.ends_with("states.yaml"))
            && place["region"]["startLine"].is_u64()
    });
    assert!(table, "no result has a line of the table\n{log:#}");
    // A viewer finds the rule of every result, be it about what clients see or about a file.
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("a list");
    for result in results {
        let index = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).expect("an index");
        assert_eq!(rules[index]["id"], result["ruleId"], "{result:#}");
    }
    for id in ["command-rejected", "lock-stale"] {
        assert!(results.iter().any(|result| result["ruleId"] == id), "nothing breaks `{id}`\n{log:#}");
    }
    // The checks of a table are written in the same format.
    let released = root().join("tests/tables/qemu-10.0.yaml");
    let run = xtask(&["check", "--format", "sarif", "--table", released.to_str().expect("the path is UTF-8")]);
    valid(&schema, &serde_json::from_str(&run.stdout).expect("the log is JSON"));
}

#[test]
fn junit_has_a_case_for_every_machine_and_client() {
    let text = report(&untidy(), "junit");
    let report = quick_junit::Report::deserialize_from_str(&text).expect("it is JUnit XML");
    let names: Vec<&str> = report.test_suites.iter().map(|suite| suite.name.as_str()).collect();
    assert_eq!(names, ["against 0.1", "files of the frozen side"]);
    let cases: Vec<&str> = report.test_suites[0].test_cases.iter().map(|case| case.name.as_str()).collect();
    for case in ["source as E!", "source as libvirt_events", "destination as P"] {
        assert!(cases.contains(&case), "{cases:?}");
    }
    assert!(report.test_suites.iter().all(|suite| suite.failures > 0), "{text}");
}

#[test]
fn github_is_told_in_lines_of_commands() {
    let text = report(&untidy(), "github");
    assert!(text.lines().count() > 1);
    for line in text.lines() {
        let level = ["::error ", "::warning ", "::notice "].iter().any(|level| line.starts_with(level));
        assert!(level && line.contains("title=") && line[2..].contains("::"), "{line}");
    }
    // What is approved is said as well, and stops nobody.
    let approved: Vec<&str> = text.lines().filter(|line| line.contains("%0Aapproved: ")).collect();
    assert!(!approved.is_empty() && approved.iter().all(|line| line.starts_with("::notice ")), "{text}");
}

#[test]
fn markdown_shows_verdicts_and_evidence() {
    let text = report(&untidy(), "markdown");
    for part in ["## Public API", "| against 0.1 |", "### Findings", "### Approved", "evidence: `migrate` ok, setup"] {
        assert!(text.contains(part), "`{part}` in\n{text}");
    }
}

/// A table with an error cannot be judged. What is read instead says so in the same format, and replaces an old report.
#[test]
fn the_findings_of_a_table_with_errors_are_written_in_the_format() {
    let project = Project::released();
    project.edit("states.yaml", "to: negotiating,", "to: negotiatign,");
    let place = project.path("report").to_str().expect("the path is UTF-8").to_owned();
    for (format, part) in [
        ("json", "\"code\": \"T0201\""),
        ("github", "::error file="),
        ("sarif", "\"ruleId\": \"T0201\""),
        ("junit", "type=\"T0201\""),
        ("markdown", "error[T0201]"),
    ] {
        let text = report(&project, format);
        assert!(text.contains(part) && text.contains("negotiatign"), "{format}: {text}");
        project.write("report", "an old report");
        project.ends(&["check", "--format", format, "-o", &place], 1);
        assert_eq!(project.read("report"), text, "{format}");
    }
    let schema = xtask(&["api", "schema"]).json();
    let json: Value = serde_json::from_str(&report(&project, "json")).expect("the report is JSON");
    valid(&schema, &json);
    assert_eq!((&json["passed"], &json["findings"]), (&false.into(), &Value::Array(Vec::new())));
    let path = root().join("tests/data/schemas/sarif-2.1.0.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(path).expect("the schema is there")).expect("JSON");
    valid(&schema, &serde_json::from_str(&report(&project, "sarif")).expect("the log is JSON"));
    let junit = quick_junit::Report::deserialize_from_str(&report(&project, "junit")).expect("it is JUnit XML");
    assert!(junit.test_suites.iter().any(|suite| suite.failures > 0));
    // People read the findings where those of other commands are; a file has them, too.
    project.write("report", "an old report");
    let run = project.ends(&["check", "-o", &place], 1);
    assert!(run.stdout.is_empty() && run.stderr.contains("negotiatign"), "{}", run.stderr);
    assert!(project.read("report").contains("error[T0201]"));
}

#[test]
fn two_runs_say_the_same() {
    let project = untidy();
    for format in ["text", "json", "github", "sarif", "junit", "markdown"] {
        assert_eq!(report(&project, format), report(&project, format), "{format}");
    }
}

#[test]
fn a_diff_counts_as_to_mend_what_breaks_somebody() {
    let tables = root().join("crates/migration-contract/tests/api");
    for (rule, said) in
        [("command-newly-accepted", " 0 to mend, 0 approved, 1 to know of\n"), ("command-rejected", " 1 to mend, ")]
    {
        let [old, new] =
            ["old", "new"].map(|side| tables.join(rule).join(side).with_extension("yaml").display().to_string());
        xtask(&["api", "diff", &old, &new]).ended(1).stdout_has(said);
        let run = xtask(&["api", "diff", &old, &new, "--format", "json"]);
        let report = run.json();
        assert_eq!(report["passed"], Value::from(false), "as the exit status says");
    }
}

/// A machine that shows a status for an instant: only clients that are sent events see it.
const INSTANT: &str = r#"format: 1
machine: small
qmp: { event: CHANGED }
statuses:
  none: { since: "0.1", doc: "nothing runs" }
  busy: { since: "0.1", doc: "it runs" }
  over: { since: "0.1", doc: "it is over" }
triggers:
  go:   { command: go, doc: "begin" }
  stop: { command: stop, doc: "end it" }
events:
  done: { doc: "it is done" }
guards:
  loud: { doc: "more is told" }
machines:
  any:
    doc: "a machine"
    states:
      none: { kind: idle, shows: none, initial: true, doc: "nothing runs" }
      over: { kind: cleanup, shows: over, doc: "it is over" }
      busy: { kind: work, shows: busy, doc: "it runs" }
    precedence: [stop, done]
    transitions:
      - { from: none, when: go, to: busy, public: true }
      - { from: busy, when: done and not loud, to: none, public: true }
      - { from: busy, when: stop, to: none, public: true }
      - { from: over, when: loud or not loud, to: none, public: true }
      - { from: busy, when: done and loud, to: over, public: true }
    answers:
      - { in: busy, trigger: go, answer: ignore }
      - { in: none, trigger: stop, answer: ignore }
"#;

#[test]
fn every_class_of_clients_that_is_named_is_explained() {
    let project = Project::new();
    let never = "      - { from: busy, when: done and loud, to: over, public: true }\n";
    assert!(INSTANT.contains(never));
    let old = INSTANT.replace(never, "").replace("done and not loud", "done");
    project.write("old.yaml", &old.replace("when: loud or not loud", "when: done"));
    project.write("new.yaml", INSTANT);
    let (old, new) = (project.path("old.yaml").display().to_string(), project.path("new.yaml").display().to_string());
    let run = project.ends(&["diff", &old, &new], 1);
    run.stdout_has("identical for P!, P");
    for name in ["E!", "E ", "El", "P!", "P "] {
        run.stdout_has(&format!("\nclient {name} "));
    }
    let history = xtask(&["api", "log"]).ended(0);
    history.stdout_has("- `E!` is sent events and fails at what it does not know\n");
}
