//! `verify`: the machines of a table together.

mod releases;

use std::path::Path;

use super::run::{names_in, root, table, xtask};

#[test]
fn a_table_whose_machines_wait_for_each_other_is_found() {
    let text = first_release().replace("to: negotiating,    sends: [hello] }", "to: negotiating }");
    let text = text.replace("to: active,         public: true }", "to: active,         public: true, sends: [hello] }");
    let (_directory, path) = table(&text);
    xtask(&["verify", &path]).ended(1).stdout_has("fails: can-succeed");
    let run = xtask(&["verify", &path, "--format", "mermaid"]);
    assert!(run.stdout.starts_with("sequenceDiagram"), "{}", run.stdout);
}

#[test]
fn the_table_of_this_workspace_holds() {
    xtask(&["verify"]).ended(0).stdout_has("everything holds");
}

#[test]
fn a_bound_that_is_hit_is_status_2() {
    xtask(&["verify", "--configurations", "100"]).ended(2).stdout_has("not exhausted");
}

#[test]
fn a_program_can_read_the_result() {
    let run = xtask(&["verify", "--format", "json"]);
    let report = run.json();
    assert!(report["figures"]["configurations"].as_u64().is_some_and(|count| count > 1000), "{}", run.stdout);
}

/// A directory with a table, which is frozen as 0.1.
fn released(text: &str) -> (tempfile::TempDir, String) {
    let (directory, path) = table(text);
    assert_eq!(xtask(&["api", "bless", "--table", &path]).status, Some(0));
    xtask(&["api", "freeze", "0.1", "--table", &path]).ended(0);
    (directory, path)
}

/// The table of the workspace's first release.
fn first_release() -> String {
    std::fs::read_to_string(root().join("api/releases/0.1.yaml")).expect("the release has a table")
}

/// The same with a property of both machines.
fn with_property(property: &str) -> String {
    let text = first_release();
    format!("{text}\nproperties:\n  p: {{ {property}, doc: d }}\n")
}

/// The table of the first release with two properties that fail: one on a run that ends, one on a run that a death ends.
fn failing() -> (tempfile::TempDir, String) {
    let properties = "properties:\n  apart: { never: source.failed and destination.completed, doc: d }\n  \
                      heard: { whenever: source hears refused, eventually: source.failed, doc: d }\n";
    table(&format!("{}\n{properties}", first_release()))
}

#[test]
fn a_counterexample_becomes_walks_that_are_taken_again() {
    let (directory, path) = failing();
    let walks = directory.path().join("walks");
    xtask(&["verify", &path, "--save", &walks.display().to_string()]).ended(1);
    let walk = |name: &str| walks.join(name).display().to_string();
    let names =
        ["apart-source.walk", "apart-destination.walk", "heard-source.walk", "heard-destination.walk"].map(walk);
    let text = std::fs::read_to_string(&names[0]).expect("the walk is saved");
    assert!(text.contains("report timed_out -> fired; now abandoning; publishes failing"), "{text}");
    let run = xtask(&with_files(&["coverage", "--table", &path], &names)).ended(1);
    assert!(!run.stdout.contains("comes out differently"), "{}", run.stdout);
    run.stdout_has("source: nothing takes the row `continue`");
    // A walk is a test: it notices a table in which a step does something else.
    let table = std::fs::read_to_string(&path).expect("the table is there");
    let other = table.replace(
        "- { from: handing_over,   when: timed_out,                               to: abandoning,",
        "- { from: handing_over,   when: timed_out,                               to: failing,",
    );
    assert_ne!(other, table);
    std::fs::write(&path, other).expect("the table can be changed");
    let run = xtask(&["coverage", "--table", &path, &names[0]]);
    run.stdout_has("comes out differently");
    run.stdout_has("now:   report timed_out -> fired; now failing");
}

/// A table whose property fails by the second case of a row.
const SECOND_CASE: &str = r#"format: 1
machine: jobs
statuses:
  none: { since: "0.1", doc: d }
  busy: { since: "0.1", doc: d }
  gone: { since: "0.1", doc: d }
triggers:
  start: { command: start, doc: d }
events:
  broken: { doc: d }
  late: { doc: d }
machines:
  job:
    doc: d
    states:
      none: { kind: idle, shows: none, initial: true, doc: d }
      busy: { kind: work, shows: busy, doc: d }
      gone: { kind: idle, shows: gone, doc: d }
    transitions:
      - { from: none, when: start, to: busy, public: true }
      - { from: busy, when: broken or late, to: gone, public: true }
    answers:
      - { trigger: start, answer: refuse, because: b }
properties:
  in_time: { after: job reports late, never: job enters gone, doc: d }
"#;

#[test]
fn a_report_takes_the_case_of_a_row_that_its_walk_takes() {
    let (directory, path) = table(SECOND_CASE);
    let (report, walks) = (directory.path().join("verify.json"), directory.path().join("walks"));
    let (report, walks) = (report.display().to_string(), walks.display().to_string());
    xtask(&["verify", &path, "--format", "json", "-o", &report, "--save", &walks]).ended(1);
    for files in [
        vec![report.clone()],
        vec![format!("{walks}/in_time-job.walk")],
        vec![report, format!("{walks}/in_time-job.walk")],
    ] {
        let run = xtask(&with_files(&["coverage", "--table", &path], &files)).ended(1);
        run.stdout_has("nothing takes the case `broken` of the row `broken or late`");
        run.stdout_has("job: 2 of 3 rows are taken");
    }
}

#[test]
fn a_counterexample_is_drawn_and_played() {
    let (directory, path) = failing();
    let report = directory.path().join("verify.json").display().to_string();
    assert_eq!(xtask(&["verify", &path, "--format", "json", "-o", &report]).status, Some(1));
    let run = xtask(&["diagram", "trace", &report, "--table", &path]).ended(2);
    run.stderr_has("choose one with `--finding` (`apart`, `heard`)");
    let run =
        xtask(&["diagram", "trace", &report, "--table", &path, "--finding", "apart", "--format", "mermaid"]).ended(0);
    // Both machines are drawn, and the steps are numbered over both.
    assert!(run.stdout.contains("(1)") && run.stdout.contains("(14)"), "{}", run.stdout);
    let run = xtask(&["explorer", &report, "--table", &path]).ended(0);
    assert!(run.stdout.contains("verify.json: apart") && run.stdout.contains("verify.json: heard"));
    run.stdout_has("destination hears `hand_over`");
}

#[test]
fn walks_of_paths_take_every_row_and_come_out_as_they_were_saved() {
    let (directory, path) = table(&first_release());
    let walks = directory.path().join("walks");
    xtask(&["paths", "--table", &path, "-o", &walks.display().to_string()]).ended(0);
    let files = files_in(&walks);
    let arguments = with_files(&["coverage", "--table", &path], &files);
    xtask(&arguments).ended(0);
    // Without one of them, some row is taken by none.
    xtask(&[&arguments[..3], &arguments[4..]].concat()).ended(1).stdout_has("nothing takes the row");
    let drawn = xtask(&[&["diagram"], &arguments[..1], &arguments[1..], &["--format", "svg"]].concat()).ended(0);
    drawn.stderr_has("rows are taken");
    // Every mutant is noticed, since a walk says what comes of every step.
    xtask(&[&["mutate", "--table", &path, "--walks"], &arguments[3..]].concat()).ended(0).stdout_has("nobody 0");
}

/// A walk goes one fact at a time: what fires only for several at one look is taken by none, and that is said.
#[test]
fn what_no_walk_can_take_is_said() {
    let directory = tempfile::TempDir::new().expect("a directory can be made");
    let table = root().join("tests/tables/several-flags.yaml").display().to_string();
    let only = "fires only if several facts are set before the machine looks";
    let run = xtask(&["paths", "--table", &table]).ended(0);
    run.stdout_has(&format!("m: no walk takes what {only}: `a and b` in `busy`, `closed` in `two`\n"));
    let walks = directory.path().join("walks");
    xtask(&["paths", "--table", &table, "-o", &walks.display().to_string()]).ended(0).stderr_has(only);
    let run = xtask(&with_files(&["coverage", "--table", &table], &files_in(&walks))).ended(1);
    run.stdout_has(&format!("nothing takes the row `a and b`, which {only}\n"));
    run.stdout_has("nothing takes the row `closed` from `two`\n");
    run.stdout_has("5 of 7 rows are taken");
}

/// The files of a directory of committed walks.
fn committed(folder: &str) -> Vec<String> {
    files_in(&root().join("tests/data/walks").join(folder))
}

/// The paths of the files in a directory, in order.
fn files_in(directory: &Path) -> Vec<String> {
    names_in(directory).iter().map(|name| directory.join(name).display().to_string()).collect()
}

/// Arguments, and then files.
fn with_files<'a>(arguments: &[&'a str], files: &'a [String]) -> Vec<&'a str> {
    arguments.iter().copied().chain(files.iter().map(String::as_str)).collect()
}

#[test]
fn no_mistake_in_the_own_table_survives() {
    let walks = [committed("rows"), committed("pairs")].concat();
    xtask(&with_files(&["mutate", "states.yaml", "--walks"], &walks)).ended(0).stdout_has("nobody 0");
}

/// Every mutant is a copy of the table: those of thousands of rows would fill the memory.
#[test]
fn mutants_of_a_very_large_table_are_not_made() {
    let many = 600;
    let mut text = String::from(
        "format: 1\nmachine: chain\nstatuses:\n  none: { since: \"1.0\", doc: \"nothing\" }\n  busy: { since: \"1.0\", \
         doc: \"works\" }\ntriggers:\n  start: { command: start, doc: \"begin\" }\nevents:\n  next: { doc: \"one \
         further\" }\nmachines:\n  one:\n    doc: \"a chain\"\n    states:\n      s0: { kind: idle, shows: none, \
         initial: true, doc: \"rests\" }\n",
    );
    (1..many).for_each(|at| text += &format!("      s{at}: {{ kind: work, shows: busy, doc: \"works\" }}\n"));
    text += "    transitions:\n      - { from: s0, when: start, to: s1, public: true }\n";
    for at in 1..many {
        let public = if at + 1 == many { ", public: true" } else { "" };
        text += &format!("      - {{ from: s{at}, when: next, to: s{}{public} }}\n", (at + 1) % many);
    }
    text += "    answers:\n      - { in: work, trigger: start, answer: ignore }\n";
    let (_directory, path) = table(&text);
    xtask(&["mutate", &path]).ended(2).stderr_has("the table has 1200 rows and states");
    xtask(&["mutate", "states.yaml", "--walks", "/dev/zero"]).ended(2).stderr_has("longer than 64 MiB");
}

#[test]
fn a_name_that_is_not_declared_is_reported_at_its_place() {
    let (_directory, path) = table(&with_property("never: source.faild and destination.completed"));
    let run = xtask(&["check", &path]).ended(1);
    let wanted = ["error[T0201]: property `p` uses an undeclared name", "did you mean `failed`?", ".yaml:"];
    assert!(wanted.iter().all(|part| run.stdout.contains(part)), "{}", run.stdout);
    let (_directory, path) = table(&with_property("never: source.failed and"));
    xtask(&["check", &path]).stdout_has("property `p` cannot be read: it ends too early");
}

#[test]
fn a_happening_that_names_something_of_another_kind_is_reported_at_its_place() {
    let claims = [
        ("first: source hears cancel, then: source enters completed", "`cancel`, which is a trigger"),
        ("first: source accepts failed, then: source enters completed", "`failed`, which is an event"),
        ("first: source sends ready, then: source enters completed", "`ready`, which is sent by `destination`"),
        ("first: source sends failed, then: source enters completed", "`failed`, which is an event"),
        ("first: destination hears ready, then: source ends", "`ready`, which machine `destination` does not have"),
        ("never: source.standing_by", "`standing_by`, which machine `source` does not have"),
    ];
    for (claim, wrong) in claims {
        let (_directory, path) = table(&with_property(claim));
        xtask(&["check", &path]).ended(1).stdout_has(&format!("error[T0209]: property `p` names {wrong}"));
    }
}

/// What is written wrongly in a property, the message, and the help; what it is about is in `^`.
const MISREAD: &[(&str, &str, &str, &str)] = &[
    ("never: source.failed && destination.failed", "&&", "`&&` has no meaning in a formula", "write `and`"),
    ("never: \"!source.failed\"", "!", "`!` has no meaning in a formula", "write `not`"),
    (
        "never: source.failed adn destination.failed",
        "adn",
        "`adn` stands where `and` or `or` is",
        "did you mean `and`?",
    ),
    (
        "never: source.failed destination.failed",
        "destination.failed",
        "`and` or `or` is missing between",
        "write `and d",
    ),
    ("never: (source.failed", "(", "`(` is never closed", "write `)` where"),
    ("never: source.failed and", "and", "it ends too early", "name what is meant after `and`"),
    ("never: source.faild", "faild", "uses an undeclared name", "did you mean `failed`?"),
    ("never: source shows actve", "actve", "uses an undeclared name", "did you mean `active`?"),
    (
        "never: source shows handing_over",
        "source shows handing_over",
        "`handing_over`, which is a state",
        "`source.handing",
    ),
    ("never: not source.pre-switchover", "source.pre-switchover", "a status", "write `source shows pre-switchover`"),
    ("never: source enters failed", "source enters failed", "`source` is not", "write `source.failed`"),
    ("never: source show active", "source show active", "`source` is not", "write `source shows active`"),
    ("never: standing_by", "standing_by", "`standing_by` is not", "write `destination.standing_by`"),
    (
        "first: source.failed, then: source ends",
        "source.failed",
        "a formula stands where",
        "write `source enters failed`",
    ),
    ("first: source receives ready, then: source ends", "source receives ready", "after the", "`source hears ready`"),
    ("first: source enter failed, then: source ends", "source enter failed", "after the", "`source enters failed`"),
    ("first: source accepts failed, then: source ends", "source accepts failed", "an event", "`source reports failed`"),
    ("first: source enters cancel, then: source ends", "source enters cancel", "a trigger", "`source accepts cancel`"),
    ("first: accepts cancel, then: source ends", "accepts cancel", "undeclared", "write `source accepts cancel`"),
];

#[test]
fn what_a_property_says_wrongly_is_marked_with_what_to_write() {
    for (claim, at, message, help) in MISREAD {
        let text = with_property(claim);
        let (_directory, path) = table(&text);
        let run = xtask(&["check", "--format", "json", &path]);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let [finding] = report["findings"].as_array().unwrap().as_slice() else { panic!("{claim}: {}", run.stdout) };
        let said = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        assert!(said("message").contains(message), "{claim}: {finding}");
        assert!(said("help").contains(help), "{claim}: {finding}");
        let byte = |key: &str| usize::try_from(finding["place"][key].as_u64().unwrap()).unwrap();
        assert_eq!(&text[byte("start_byte")..byte("end_byte")], *at, "{claim}: {finding}");
    }
}

#[test]
fn a_change_that_was_tried_is_named() {
    let text = first_release().replace("to: negotiating,    sends: [hello] }", "to: negotiating }");
    let (_directory, path) = table(&text);
    let run = xtask(&["verify", &path]);
    run.stdout_has("it was tried, and holds, if");
    run.stdout_has("sends `hello` when it enters `negotiating`");
}
