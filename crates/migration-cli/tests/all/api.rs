//! `api`: the life of a public API in a folder of its own, from the first lock to the second release.

mod damage;
mod deprecation;
mod elsewhere;
mod formats;
mod history;
mod mends;
mod moved;
mod names;
mod several;
mod survival;
mod terms;
mod ways;
mod workflow;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::run::{Run, commit, states, xtask};

/// A folder with a table and what `api` keeps beside it.
struct Project {
    folder: TempDir,
}

impl Project {
    /// A project with the workspace's table, and nothing frozen.
    fn new() -> Project {
        let project = Project { folder: TempDir::new().expect("a directory can be made") };
        project.write("states.yaml", &states());
        project
    }

    /// A project whose table was released as 0.1.
    fn released() -> Project {
        let project = Project::new();
        project.succeeds(&["bless"]);
        project.succeeds(&["freeze", "0.1"]);
        project
    }

    /// The same, committed to a repository of its own.
    fn committed() -> Project {
        let project = Project::released();
        commit(project.folder.path());
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// Replaces a text in a file, where it stands once.
    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {name}");
        self.write(name, &text.replace(from, to));
    }

    /// Runs `api` on the table of this project.
    fn api(&self, arguments: &[&str]) -> Run {
        let table = self.path("states.yaml");
        let mut all = vec!["api"];
        all.extend(arguments);
        all.extend(["--table", table.to_str().expect("the path is UTF-8")]);
        xtask(&all)
    }

    fn succeeds(&self, arguments: &[&str]) -> Run {
        self.ends(arguments, 0)
    }

    fn ends(&self, arguments: &[&str], status: i32) -> Run {
        self.api(arguments).ended(status)
    }

    /// Takes the right to cancel in `device` away, as a table that is sound otherwise.
    fn refuse_cancel_in_device(&self) {
        self.edit(
            "states.yaml",
            "cancellable:    [connecting, negotiating, active, stopping, pre_switchover, device, postcopy_device]",
            "cancellable:    [connecting, negotiating, active, stopping, pre_switchover, postcopy_device]",
        );
        self.edit(
            "states.yaml",
            "      - { from: awaits_peer,    when: timed_out, ",
            "      - { from: device,         when: failed,                                  to: failing,        public: true }\n      - { from: awaits_peer,    when: timed_out, ",
        );
        self.edit(
            "states.yaml",
            "      - { in: failing,            trigger: cancel, ",
            "      - { in: device,             trigger: cancel,   answer: refuse, because: \"it is too late\" }\n      - { in: failing,            trigger: cancel, ",
        );
        let table = self.path("states.yaml");
        xtask(&["check", "--table", table.to_str().expect("the path is UTF-8")]).ended(0);
    }

    /// The keys of the findings that fail the check, as `--format json` gives them.
    fn open_keys(&self) -> Vec<String> {
        let report: serde_json::Value =
            serde_json::from_str(&self.api(&["check", "--format", "json"]).stdout).expect("the report is JSON");
        let findings = report["findings"].as_array().expect("a list").iter();
        let open = findings.filter(|finding| finding["level"] == "break" && finding["open"] != serde_json::json!([]));
        open.map(|finding| finding["key"].as_str().expect("a text").to_owned()).collect()
    }

    fn approve(&self, key: &str, until: &str) {
        let arguments = ["bless", "--approve", key, "--reason", "it was never promised", "--link", "doc/17"];
        self.succeeds(&[&arguments[..], &["--until", until]].concat());
    }
}

#[test]
fn the_table_of_this_workspace_is_what_was_released() {
    let run = xtask(&["api", "check"]).ended(0);
    assert!(run.stdout.contains("0 to mend") || run.stdout.contains("no findings"), "{}", run.stdout);
}

#[test]
fn a_lock_is_missing_then_written_then_current() {
    let project = Project::new();
    let run = project.ends(&["check"], 1);
    assert!(
        run.stdout.contains("lock-stale") && run.stdout.contains("migration-table api bless --table"),
        "{}",
        run.stdout
    );
    project.succeeds(&["bless"]);
    project.succeeds(&["check"]);
    let before = project.read("api/current.lock");
    project.succeeds(&["bless"]).stderr_has("current already");
    assert_eq!(project.read("api/current.lock"), before);
}

#[test]
fn what_no_client_sees_changes_nothing() {
    let project = Project::released();
    let table = project.read("states.yaml").replace("stopping", "halting").replace("negotiating", "haggling");
    project.write("states.yaml", &table);
    project.succeeds(&["check", "--fail-on", "note"]);
}

#[test]
fn every_break_must_be_approved_and_no_approval_can_be_missed() {
    let project = Project::released();
    project.refuse_cancel_in_device();
    project.ends(&["check"], 1).stdout_has("command-rejected");
    project.succeeds(&["bless"]);
    let keys = project.open_keys();
    assert!(!keys.is_empty());
    keys.iter().for_each(|key| project.approve(key, "0.2"));
    project.succeeds(&["check"]).stdout_has("it was never promised");
    for key in &keys {
        project.succeeds(&["bless", "--withdraw", key]);
        project.ends(&["check"], 1);
        project.approve(key, "0.2");
    }
    project.succeeds(&["check"]);
}

#[test]
fn an_approval_of_nothing_is_refused_and_one_that_is_of_no_more_use_is_found() {
    let project = Project::released();
    let table = project.read("states.yaml");
    project.refuse_cancel_in_device();
    project.succeeds(&["bless"]);
    let keys = project.open_keys();
    let wrong = keys[0].replacen("command", "comand", 1);
    let arguments = ["bless", "--approve", &wrong, "--reason", "a", "--link", "b", "--until", "0.2"];
    let run = project.ends(&arguments, 2);
    assert!(run.stderr.contains("did you mean") && run.stderr.contains(&keys[0]), "{}", run.stderr);
    for until in ["0.1", "0.0.9"] {
        let arguments = ["bless", "--approve", &keys[0], "--reason", "a", "--link", "b", "--until", until];
        assert!(project.ends(&arguments, 2).stderr.contains("must name a later release"));
    }
    keys.iter().for_each(|key| project.approve(key, "0.2"));
    project.write("states.yaml", &table);
    project.succeeds(&["bless"]);
    let run = project.ends(&["check"], 1);
    assert!(run.stdout.contains("approval-unused") && run.stdout.contains("--withdraw"), "{}", run.stdout);
    keys.iter().for_each(|key| drop(project.succeeds(&["bless", "--withdraw", key])));
    project.succeeds(&["check"]);
    assert!(!project.path("api/approvals.yaml").exists());
}

#[test]
fn a_release_takes_its_approvals_with_it() {
    let project = Project::released();
    project.refuse_cancel_in_device();
    project.succeeds(&["bless"]);
    assert_eq!(project.ends(&["freeze", "0.2"], 1).stdout.matches("command-rejected").count().min(1), 1);
    project.open_keys().iter().for_each(|key| project.approve(key, "0.2"));
    project.ends(&["freeze", "0.1"], 2).stderr_has("frozen already");
    assert!(project.ends(&["freeze", "0.0.1"], 2).stderr.contains("does not come after"));
    assert!(project.ends(&["freeze", "a/x"], 2).stderr.contains("is not a version"));
    project.succeeds(&["freeze", "0.2"]);
    assert!(!project.path("api/approvals.yaml").exists());
    project.succeeds(&["check"]);
    let page = project.succeeds(&["log"]).stdout;
    let places: Vec<Option<usize>> = ["## 0.2", "command-rejected", "it was never promised", "## 0.1", "first release"]
        .map(|it| page.find(it))
        .into();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}\n{page}");
}
