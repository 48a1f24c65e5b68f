//! `verify --with` and `--releases`: the machines of a table with those of another one.

use super::super::run::{names_in, states, table, xtask};
use super::{first_release, released, with_property};

#[test]
fn freeze_keeps_the_table_as_it_is_written() {
    let text = format!("# a remark\n{}", states());
    let (directory, _) = released(&text);
    let kept = std::fs::read_to_string(directory.path().join("broken.api/releases/0.1.yaml"));
    assert_eq!(kept.expect("the table is kept"), text);
}

#[test]
fn a_property_that_only_the_pair_breaks_fails_in_that_direction_only() {
    let (directory, path) = released(&first_release());
    let walks = directory.path().join("walks");
    let text = std::fs::read_to_string(&path).expect("the table is there");
    let silent =
        text.replace("when: started,    to: finishing,   sends: [running] }", "when: started,    to: finishing }");
    assert_ne!(silent, text);
    std::fs::write(&path, &silent).expect("the table can be changed");
    let run = xtask(&["verify", &path, "--releases", "--save", &walks.display().to_string()]).ended(1);
    let parts: Vec<&str> = run.stdout.split_inclusive("configurations").collect();
    assert!(parts[0].contains("fails: can-succeed"), "alone: {}", run.stdout);
    assert!(parts[1].contains("fails: can-succeed"), "new destination, old source: {}", run.stdout);
    assert!(!parts[2].contains("fails:"), "new source, old destination: {}", run.stdout);
    // What was released is named, is not to be changed, and is no walk of this table.
    assert!(!parts[0].contains(" of 0.1)") && parts[1].contains(" of 0.1)"), "{}", run.stdout);
    assert!(!parts[1].contains("of source sends") && !parts[1].contains("of source leads"), "{}", run.stdout);
    let beside: Vec<String> = names_in(&walks).into_iter().filter(|name| name.contains("-beside-source-")).collect();
    assert!(!beside.is_empty() && beside.iter().all(|name| name.contains("-destination")), "{beside:?}");
}

#[test]
fn what_a_release_fails_with_itself_is_no_new_failure() {
    let (_directory, path) = released(&with_property("never: source.failed and destination.failed"));
    let run = xtask(&["verify", &path, "--with", "0.1"]).ended(1);
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
    run.stdout_has("note: machine `source` has no state, group, kind or marker `parked`");
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
    let run = xtask(&["verify", &path, "--with", "0.1"]).ended(2);
    assert!(run.stderr.contains("`") && run.stderr.contains("0.1.yaml` was changed"), "{}", run.stderr);
    // It need not show clients anything else: a property that is left out would hold too.
    std::fs::write(&kept, format!("{}\n# a remark\n", first_release())).expect("the table can be changed");
    xtask(&["verify", &path, "--releases"]).ended(2).stderr_has("0.1.yaml` was changed");
    std::fs::remove_file(&kept).expect("the table can be removed");
    for others in [&["--with", "0.1"][..], &["--releases"]] {
        xtask(&[&["verify", &path], others].concat()).ended(2).stderr_has("0.1.yaml` is gone");
    }
    // Programs of earlier releases kept no tables, and listed none.
    let lock = directory.path().join("broken.api/current.lock");
    let text = std::fs::read_to_string(&lock).expect("the lock is there");
    let listed = text.lines().find(|line| line.starts_with("release 0.1 ")).expect("the release is listed");
    let without = listed.split(" table ").next().expect("a line has a beginning");
    std::fs::write(&lock, text.replace(listed, without)).expect("the lock can be changed");
    xtask(&["verify", &path, "--with", "0.1"]).ended(2).stderr_has("frozen without its table");
    let run = xtask(&["verify", &path, "--releases"]).ended(0);
    run.stderr_has("note: release 0.1 was frozen without its table, and is left out");
}

/// A table in which nothing bounds two waits, and it is said why.
const LENT: &str = r#"format: 1
machine: library
statuses:
  none: { since: "0.1", doc: d }
  busy: { since: "0.1", doc: d }
triggers:
  take:  { command: take, doc: d }
  give:  { command: give, doc: d }
  open:  { command: open, doc: d }
  close: { command: close, doc: d }
events:
  gone: { doc: d }
messages:
  ask:  { number: 1, from: taker, to: keeper, doc: d }
  back: { number: 2, from: taker, to: keeper, doc: d }
machines:
  taker:
    doc: d
    states:
      free: { kind: idle, shows: none, initial: true, doc: d }
      held: { kind: wait, shows: busy, doc: d }
      giving: { kind: cleanup, shows: busy, doc: d }
    transitions:
      - { from: free, when: take, to: held, public: true, sends: ask }
      - { from: held, when: give, to: giving, sends: back }
      - { from: giving, when: gone, to: free, public: true }
    answers:
      - { trigger: take, answer: refuse, because: b }
      - { trigger: give, answer: ignore }
  keeper:
    doc: d
    precedence: [close, back, ask]
    states:
      shut: { kind: idle, shows: none, initial: true, doc: d }
      open: { kind: wait, shows: busy, doc: d, allow: { T0419: "it serves" } }
      lent: { kind: wait, shows: busy, doc: d, allow: { T0419: "the taker brings it back" } }
    transitions:
      - { from: shut, when: open, to: open, public: true }
      - { from: open, when: close, to: shut, public: true }
      - { from: open, when: ask, to: lent }
      - { from: lent, when: back, to: shut, public: true }
    answers:
      - { trigger: open, answer: refuse, because: b }
      - { trigger: close, answer: refuse, because: b }
"#;

#[test]
fn a_wait_that_a_release_says_is_not_bounded_is_none_beside_it() {
    let (directory, path) = table(LENT);
    let copy = directory.path().join("copy.yaml");
    std::fs::write(&copy, LENT).expect("the table can be written");
    let run = xtask(&["verify", &path, "--with", &copy.display().to_string()]).ended(0);
    assert!(!run.stdout.contains("fails:"), "{}", run.stdout);
}

#[test]
fn several_reports_are_one_list_in_json() {
    let (_directory, path) = released(&first_release());
    let run = xtask(&["verify", &path, "--with", "0.1", "--format", "json"]);
    let pairs = run.json();
    let names: Vec<&str> = pairs.as_array().into_iter().flatten().filter_map(|pair| pair["pair"].as_str()).collect();
    let (source, destination) =
        (format!("{path} with the source of 0.1"), format!("{path} with the destination of 0.1"));
    assert_eq!(names, [path.as_str(), &source, &destination]);
}
