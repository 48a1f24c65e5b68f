//! Names of the wire, promises and approvals: what a change takes away is found, and an approval is for what was approved.

use serde_json::Value;

use super::super::run::{commit, xtask_in};
use super::Project;

const TABLE: &str = "format: 1
machine: mover
statuses:
  none:   { since: \"0.1\", doc: \"nothing was moved\" }
  moving: { since: \"0.1\", doc: \"it is being moved\" }
  there:  { since: \"0.1\", doc: \"it is there\" }
  back:   { since: \"0.1\", doc: \"it is here again\" }
triggers:
  move:  { command: move,       doc: \"move it\" }
  stop:  { command: stop,       doc: \"keep it here\" }
  speed: { command: move-speed, doc: \"as fast as this\" }
events:
  done: { doc: \"it is done\" }
machines:
  mover:
    doc: \"moves one thing\"
    precedence: [stop, done]
    states:
      none:   { kind: idle, shows: none, initial: true, doc: \"nothing was moved\" }
      moving: { kind: work, shows: moving, doc: \"moves it\" }
      there:  { kind: idle, shows: there, doc: \"it is there\" }
      back:   { kind: idle, shows: back, doc: \"it is here again\" }
    transitions:
      - { from: none,   when: move, to: moving, public: true }
      - { from: moving, when: done, to: there, public: true }
      - { from: moving, when: stop, to: back, public: true }
    answers:
      - { in: [moving, there, back], trigger: move, answer: refuse, because: \"it was moved\" }
      - { in: [none, there, back], trigger: stop, answer: ignore }
      - { in: moving, trigger: speed, answer: handle }
      - { in: [none, there, back], trigger: speed, answer: refuse, because: \"nothing is moved\" }
";

/// A project whose table, with these lines behind its name, was released as 0.1.
fn released(top: &str) -> Project {
    let project = Project::new();
    project.write("states.yaml", &with(top));
    project.succeeds(&["bless"]);
    project.succeeds(&["freeze", "0.1"]);
    project
}

fn with(top: &str) -> String {
    TABLE.replace("machine: mover\n", &format!("machine: mover\n{top}"))
}

/// Writes another table, and its lock.
fn change(project: &Project, table: &str) {
    project.write("states.yaml", table);
    project.succeeds(&["bless"]);
}

#[test]
fn a_name_of_the_wire_that_a_table_leaves_out_is_its_default() {
    let own = "qmp: { event: MOVED, member: state, query: query-move }\n";
    for (old, new, expected) in [
        (
            "",
            own,
            &[
                "capability events",
                "event MIGRATION -> MOVED",
                "member status -> state",
                "query query-migrate -> query-move",
            ][..],
        ),
        ("qmp: { event: MOVED, query: query-move }\n", own, &["member status -> state"]),
        ("qmp: { event: MOVED, member: state }\n", own, &["query query-migrate -> query-move"]),
        (
            own,
            "qmp: { event: MOVED, member: state, query: query-move, capability: events }\n",
            &["capability -> events"],
        ),
        ("qmp: { event: MOVED, capability: events }\n", "qmp: { event: MOVED }\n", &["capability events"]),
        ("qmp: { event: MOVED, subjects: [id] }\n", "qmp: { event: MOVED, subjects: [name] }\n", &["subject id"]),
        ("qmp: { event: MOVED, subjects: [id] }\n", "qmp: { event: MOVED }\n", &["subject id"]),
        // The default, said or not, is the same; and another name to tell machines apart takes none away.
        ("", "qmp: { member: status, query: query-migrate }\n", &[]),
        ("qmp: { member: status }\n", "", &[]),
        ("qmp: { event: MOVED, subjects: [id] }\n", "qmp: { event: MOVED, subjects: [id, name] }\n", &[]),
    ] {
        let project = released(old);
        project.write("states.yaml", &with(new));
        let stale = project.api(&["check"]).stdout;
        assert_eq!(expected.is_empty(), !stale.contains("lock-stale") || new.contains("[id, name]"), "{stale}");
        assert!(!stale.contains("no comparison finds") || new.contains("[id, name]"), "{stale}");
        project.succeeds(&["bless"]);
        let keys: Vec<String> = expected.iter().map(|subject| format!("wire-name-changed: {subject}")).collect();
        assert_eq!(project.open_keys(), keys, "{old} to {new}");
    }
}

/// The file of a release that was frozen before locks said what a table leaves out has no such lines, and the table that is
/// kept beside it says it.
#[test]
fn a_lock_without_what_the_table_leaves_out_stays_as_it_is() {
    let project = released("");
    let lock = project.read("api/current.lock");
    let is_new = |line: &&str| line.starts_with("term ") || line.starts_with("handled ");
    assert!(lock.lines().filter(is_new).count() > 3, "{lock}");
    let old: String = lock.lines().filter(|line| !is_new(line)).map(|line| format!("{line}\n")).collect();
    let old = old.replace("\n\n\n", "\n\n").replace("\n\n\n", "\n\n");
    project.write("api/current.lock", &old);
    project.succeeds(&["check", "--fail-on", "note"]);
    assert!(project.succeeds(&["bless"]).stderr.contains("current already"));
    assert_eq!(project.read("api/current.lock"), old);
    // What the release left out is known from its table.
    project.write("states.yaml", &with("qmp: { event: MOVED }\n"));
    let said = project.ends(&["check"], 1).stdout;
    assert!(said.contains("the event `MIGRATION` that carries the status is now called `MOVED`"), "{said}");
}

#[test]
fn a_command_that_is_not_carried_out_any_more_is_found() {
    let project = released("");
    assert!(project.read("api/current.lock").contains("\nhandled move-speed in moving of mover\n"));
    change(&project, &TABLE.replace("trigger: speed, answer: handle", "trigger: speed, answer: ignore"));
    assert_eq!(project.open_keys(), ["command-not-carried-out: mover: move-speed in moving"]);
    // Refused there, it is the finding of a command that is refused.
    change(&project, &TABLE.replace("answer: handle }", "answer: refuse, because: \"no\" }"));
    assert_eq!(project.open_keys(), ["command-rejected: mover: move-speed in moving"]);
    // Named by nothing, it is gone for clients, and its name is neither free nor to be reserved.
    let named = |line: &&str| !line.contains("trigger: speed");
    change(&project, &TABLE.lines().filter(named).map(|line| format!("{line}\n")).collect::<String>());
    assert_eq!(project.open_keys(), ["command-removed: move-speed"]);
    let said = project.ends(&["check"], 1).stdout;
    assert!(said.contains("the command `move-speed` is declared, and no machine answers it any more"), "{said}");
    // A row carries it out as well.
    let row = "      - { from: moving, when: speed, to: there, public: true }\n    answers:";
    change(
        &project,
        &TABLE
            .replace("    answers:", row)
            .replace("      - { in: moving, trigger: speed, answer: handle }\n", "")
            .replace("[stop, done]", "[stop, speed, done]"),
    );
    assert!(!project.open_keys().iter().any(|key| key.contains("carried-out")), "{:?}", project.open_keys());
}

#[test]
fn a_shorter_time_for_deprecated_names_is_found() {
    let project = released("deprecated_for: 3\n");
    change(&project, &with("deprecated_for: 1\n"));
    assert_eq!(project.open_keys(), ["deprecation-shortened: deprecated_for 3 -> 1"]);
    change(&project, &with("deprecated_for: 4\n"));
    assert_eq!(project.open_keys(), [""; 0]);
}

#[test]
fn a_value_that_counts_with_any_now_is_not_gone() {
    let table = |is: &str| {
        let guards = format!("guards:\n  fast: {{ parameter: mode, {is}doc: \"x\" }}\nmachines:");
        let rows = "when: move and not fast, to: moving, public: true }\n      - { from: none, when: move and fast, to: back, public: true }";
        TABLE.replace("machines:", &guards).replace("when: move, to: moving, public: true }", rows)
    };
    let project = Project::new();
    change(&project, &table("is: fast, fixed: true, "));
    project.succeeds(&["freeze", "0.1"]);
    change(&project, &table("fixed: true, "));
    // A client whose `mode` is another value goes back now.
    let goes_back = "outcome-added: mover: none -> back [when mode=* and not mode=fast]";
    let any = "configuration-changed: mode=fast -> mode=*";
    assert_eq!(project.open_keys(), [any, goes_back]);
    // Who approves that does not approve that it is taken at another time as well.
    [any, goes_back].iter().for_each(|key| project.approve(key, "0.2"));
    for later in ["", "is: fast, "] {
        change(&project, &table(later));
        let open = project.open_keys();
        assert!(open.iter().any(|key| key == "configuration-changed: mode=fast: at every step"), "{open:?}");
    }
}

#[test]
fn a_reserved_name_is_reserved_for_every_kind() {
    let reserved = "reserved:\n  olds: { was: status, removed: \"0.1\", doc: \"x\" }\n";
    let project = released(reserved);
    let command = |top: &str| {
        let text = with(top).replace(
            "  stop:  { command: stop, ",
            "  pause: { command: olds, doc: \"x\" }\n  stop:  { command: stop, ",
        );
        text.replace("    answers:\n", "    answers:\n      - { trigger: pause, answer: refuse, because: \"x\" }\n")
    };
    change(&project, &command(reserved));
    assert_eq!(project.open_keys(), ["reserved-reused: olds"]);
    change(&project, &command(""));
    assert_eq!(project.open_keys(), ["reserved-reused: olds", "tombstone-missing: olds"]);
    assert!(project.api(&["check"]).stdout.contains("the name `olds` is not reserved any more"));
    change(&project, &with(&reserved.replace("was: status", "was: command")));
    assert_eq!(project.open_keys(), [""; 0]);
    // A name that one kind has and another kind reserves is no news.
    let both = "reserved:\n  stop: { was: status, removed: \"0.1\", doc: \"x\" }\n";
    let project = released(both);
    project.succeeds(&["check"]);
}

#[test]
fn an_approval_is_for_what_was_approved() {
    let ends = |ends: &str| {
        let promise = format!("  ends: {{ machine: mover, after: move, ends: [{ends}], doc: \"x\" }}\n");
        format!("{TABLE}guarantees:\n{promise}").replace("answers:\n", "answers:\n")
    };
    let effect = |to: &str| TABLE.replace("{ kind: idle, shows: back", &format!("{{ kind: idle, shows: {to}"));
    let class =
        |class: &str| TABLE.replace("because: \"it was moved\"", &format!("class: {class}, because: \"it was moved\""));
    let cases = [
        (String::new() + TABLE, with("qmp: { member: state }\n"), with("qmp: { member: st }\n")),
        (effect("back"), effect("none"), effect("there")),
        (TABLE.to_owned(), class("DeviceNotActive"), class("CommandNotFound")),
        (
            ends("there, back"),
            ends("there, back, none"),
            ends("there, back, none").replace("after: move,", "after: moving,"),
        ),
    ];
    for (old, approved, other) in cases {
        let project = Project::new();
        change(&project, &old);
        project.succeeds(&["freeze", "0.1"]);
        change(&project, &approved);
        let open = |level: &str| -> Vec<String> {
            let report: Value =
                serde_json::from_str(&project.api(&["check", "--format", "json"]).stdout).expect("JSON");
            let findings = report["findings"].as_array().expect("a list").iter();
            let is_open = |it: &&Value| it["level"] == level && it["open"] != serde_json::json!([]);
            findings.filter(is_open).map(|it| it["key"].as_str().expect("a text").to_owned()).collect()
        };
        for level in ["break", "warn"] {
            open(level).iter().for_each(|key| project.approve(key, "0.2"));
        }
        project.succeeds(&["check", "--fail-on", "warn"]);
        change(&project, &other);
        let now = [open("break"), open("warn")].concat();
        assert!(!now.is_empty(), "{other}");
    }
}

/// A promise about a command that has a new name is the same promise.
#[test]
fn a_promise_about_a_renamed_command_is_kept() {
    let promise = "guarantees:\n  ends: { machine: mover, after: move, ends: [there, back], doc: \"x\" }\n";
    let project = released(promise);
    let reserved = "reserved:\n  move: { was: command, removed: \"0.2\", doc: \"x\" }\n";
    for (top, told) in [("", ""), (reserved, "renamed_from: move, ")] {
        let table =
            with(&promise.replace("after: move", "after: carry")).replace("statuses:\n", &format!("{top}statuses:\n"));
        change(&project, &table.replace("command: move, ", &format!("command: carry, {told}")));
        let open = project.open_keys();
        assert!(open.contains(&"command-removed: move".to_owned()), "{open:?}");
        assert!(!open.iter().any(|key| key.starts_with("guarantee-weakened")), "{open:?}");
    }
}

#[test]
fn an_approval_by_an_older_name_is_asked_for_anew_and_that_of_a_release_holds() {
    let project = released("");
    change(&project, &with("qmp: { member: state }\n"));
    let key = "wire-name-changed: member status -> state";
    project.approve(key, "0.2");
    let older = |text: String| text.replace(key, "wire-name-changed: status");
    project.write("api/approvals.yaml", &older(project.read("api/approvals.yaml")));
    let said = project.ends(&["check"], 1).stdout;
    assert!(said.contains("approval-unused") && said.contains(&format!("says more now, `{key}`")), "{said}");
    project.succeeds(&["bless", "--withdraw", "wire-name-changed: status"]);
    project.approve(key, "0.2");
    project.succeeds(&["freeze", "0.2"]);
    project.succeeds(&["check"]);
    // As an older program froze it.
    let release = older(project.read("api/releases/0.2.lock"));
    let body = &release[..release.rfind("seal sha256:").expect("it is sealed")];
    let seal = sha256(body);
    project.write("api/releases/0.2.lock", &format!("{body}seal sha256:{seal}\n"));
    let lock = project.read("api/current.lock");
    let line = lock.lines().find(|line| line.starts_with("release 0.2 ")).expect("it is listed");
    let table = line.split(" table ").nth(1).expect("its table is listed");
    project.write("api/current.lock", &lock.replace(line, &format!("release 0.2 sha256:{seal} table {table}")));
    project.succeeds(&["check"]);
}

fn sha256(text: &str) -> String {
    let mut child = std::process::Command::new("sha256sum")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("sha256sum runs");
    std::io::Write::write_all(&mut child.stdin.take().expect("it is piped"), text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    String::from_utf8_lossy(&output.stdout).split(' ').next().expect("a hash").to_owned()
}

#[test]
fn an_approval_for_all_releases_holds_for_a_side_that_is_named() {
    let project = released("");
    commit(project.folder.path());
    change(&project, &with("qmp: { member: state }\n"));
    for side in ["0.1", "HEAD"] {
        project.ends(&["check", "--against", side], 1);
    }
    let key = "wire-name-changed: member status -> state";
    project.approve(key, "0.2");
    for side in ["0.1", "HEAD", "HEAD:api/releases/0.1.lock"] {
        let run = project.api(&["check", "--against", side]);
        let is_lock = side.ends_with(".lock");
        assert!(run.status == Some(0) && (is_lock || run.stdout.contains("1 approved")), "{side}: {}", run.stdout);
    }
    // One that is for 0.1 alone is for no commit.
    project.succeeds(&["bless", "--withdraw", key]);
    let one = ["bless", "--approve", key, "--reason", "r", "--link", "l", "--until", "0.2", "--against", "0.1"];
    project.succeeds(&one);
    project.succeeds(&["check", "--against", "0.1"]);
    project.ends(&["check", "--against", "HEAD"], 1);
}

#[test]
fn an_approval_for_one_release_says_which_one_is_open() {
    let project = released("");
    project.succeeds(&["freeze", "0.2"]);
    change(&project, &with("qmp: { member: state }\n"));
    let key = "wire-name-changed: member status -> state";
    let one = ["bless", "--approve", key, "--reason", "a\n<b>", "--link", "l", "--until", "0.3", "--against", "0.1"];
    project.succeeds(&one);
    let said = project.ends(&["check"], 1).stdout;
    assert!(said.contains("approved until 0.3, but not for clients of 0.2: "), "{said}");
    assert!(said.contains("1 to mend, 0 approved"), "{said}");
    let said = project.ends(&["check", "--format", "markdown"], 1).stdout;
    assert!(said.contains("approved: a &lt;b&gt; (l), until 0.3, but not for clients of 0.2\n"), "{said}");
    // The verdicts, too, say which clients the new name breaks.
    assert!(said.contains("| identical, **breaks** |"), "{said}");
    let said = project.ends(&["check", "--format", "junit"], 1).stdout;
    assert!(said.contains("verdict: identical, breaks"), "{said}");
    let report: Value =
        serde_json::from_str(&project.ends(&["check", "--format", "json"], 1).stdout).expect("the report is JSON");
    assert_eq!(report["baselines"][0]["verdicts"][0]["compatible"], false);
    let said = project.ends(&["check", "--format", "github"], 1).stdout;
    assert!(said.contains("line=3,"), "{said}");
}

/// What breaks clients of 0.1 alone is approved for 0.1 alone, although 0.2 differs as well.
#[test]
fn an_approval_for_the_release_that_breaks_is_enough() {
    let project = released("");
    change(&project, &with("observers: { panel: { channel: events, unknown: skip, doc: \"skips\" } }\n"));
    project.succeeds(&["bless"]);
    project.succeeds(&["freeze", "0.2"]);
    let more = with("observers: { panel: { channel: events, unknown: skip, doc: \"skips\" } }\n");
    change(&project, &more.replace("statuses:\n", "statuses:\n  odd: { since: \"0.3\", doc: \"not shown yet\" }\n"));
    project.succeeds(&["bless"]);
    project.ends(&["check"], 1);
    let key = "status-added: odd";
    let one = ["bless", "--approve", key, "--reason", "r", "--link", "l", "--until", "0.3", "--against", "0.1"];
    project.succeeds(&one);
    let said = project.succeeds(&["check"]).stdout;
    assert!(said.contains("but not for clients of 0.2"), "{said}");
}

#[test]
fn a_note_is_offered_no_approval_where_notes_are_no_failures() {
    let project = released("");
    change(
        &project,
        &with("deprecated_for: 9\n")
            .replace("  stop:  { command: stop, ", "  stop:  { command: stop, deprecated: { since: \"0.2\" }, "),
    );
    for (fail_on, is_offered) in [("break", false), ("note", true)] {
        let run = project.api(&["check", "--format", "json", "--fail-on", fail_on]);
        let report = run.json();
        assert_eq!(report["findings"][0]["level"], "note", "{}", run.stdout);
        assert_eq!(report["findings"][0]["accept"] != "", is_offered, "{}", run.stdout);
    }
    assert!(!project.api(&["check", "--format", "markdown"]).stdout.contains("accept:"));
}

#[test]
fn a_name_that_goes_too_early_breaks_everybody() {
    let gone = |text: &str| {
        text.replace(
            "  speed: { command: move-speed, ",
            "  speed: { command: move-speed, deprecated: { since: \"0.1\" }, ",
        )
    };
    let project = Project::new();
    change(&project, &gone(&with("deprecated_for: 3\n")));
    project.succeeds(&["freeze", "0.1"]);
    let without: String =
        with("deprecated_for: 3\nreserved:\n  move-speed: { was: command, removed: \"0.2\", doc: \"x\" }\n")
            .lines()
            .filter(|line| !line.contains("speed,") && !line.contains("  speed:"))
            .map(|line| format!("{line}\n"))
            .collect();
    change(&project, &without);
    let said = project.ends(&["check"], 1).stdout;
    let (_, early) = said.split_once("deprecation-too-early").unwrap_or_else(|| panic!("{said}"));
    assert!(early.lines().nth(1).is_some_and(|line| line.trim_start().starts_with("breaks")), "{said}");
}

#[test]
fn files_that_are_in_the_way_are_named_with_what_mends_them() {
    let project = released("");
    project.write("api/releases/0.1 (copy).lock", &project.read("api/releases/0.1.lock"));
    let said = project.ends(&["check"], 1).stdout;
    assert!(
        said.contains("0.1 (copy).lock` is not the file of a release") && said.contains("mend with: rm '"),
        "{said}"
    );
    std::fs::remove_file(project.path("api/releases/0.1 (copy).lock")).expect("it is there");
    // One cause is one finding.
    project.write("api/current.lock", "");
    let said = project.ends(&["check"], 1).stdout;
    assert_eq!(said.matches("lock-stale").count(), 1, "{said}");
    project.succeeds(&["bless"]);
    let twice = "format: 1\napprovals:\n  - finding: \"a\"\n    finding: \"b\"\n";
    project.write("api/approvals.yaml", twice);
    let said = project.ends(&["check"], 1).stdout;
    assert!(said.contains("line 4: ") && !said.contains("Options") && !said.contains("<input>"), "{said}");
    std::fs::remove_file(project.path("api/approvals.yaml")).expect("it is there");
    // No result takes the place of what a person or a release needs.
    project.write("api/approvals.yaml", "# wanted\nformat: 1\napprovals:\n");
    project.write("taken.walk", "");
    for name in
        ["states.yaml", "api/current.lock", "api/releases/0.1.lock", "api/releases/0.1.yaml", "api/approvals.yaml"]
    {
        let (kept, path) = (project.read(name), project.path(name));
        let path = path.to_str().expect("the path is UTF-8");
        let commands: [&[&str]; 4] = [
            &["api", "check", "-o", path],
            &["diagram", "--format", "svg", "-o", path],
            &["explorer", "-o", path],
            &["step", "taken.walk", "--save", path],
        ];
        for command in commands {
            xtask_in(project.folder.path(), command).ended(2).stderr_has("a result is written over none");
            assert_eq!(project.read(name), kept);
        }
        #[cfg(unix)]
        {
            let link = project.path("link.txt");
            std::os::unix::fs::symlink(path, &link).expect("a link can be made");
            project.ends(&["check", "-o", link.to_str().expect("the path is UTF-8")], 2);
            assert_eq!(project.read(name), kept);
            std::fs::remove_file(link).expect("the link can be removed");
        }
    }
}
