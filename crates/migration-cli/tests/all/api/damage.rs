//! What becomes of files that somebody has changed.

use std::fs;
use std::process::Command;

use migration_contract::frozen::HYGIENE;

use super::Project;

#[test]
fn a_lock_that_is_damaged_is_named_with_what_mends_it() {
    let project = Project::released();
    let lock = project.read("api/current.lock");
    let half = lock.len() / 2;
    let cut = (half..).find(|at| lock.is_char_boundary(*at)).map(|at| &lock[..at]).expect("a lock has a middle");
    let lines: Vec<&str> = lock.lines().collect();
    let last = lines.last().expect("a lock has lines");
    for damaged in [
        String::new(),
        cut.to_owned(),
        format!("{lock}\n"),
        lock.replacen(last, "", 1),
        format!("<<<<<<< HEAD\n{lock}=======\n{lock}>>>>>>> other\n"),
        "not a lock at all\n".to_owned(),
        lock.replacen("active", "aktive", 1),
        lock.replacen("api-lock 1", "api-lock 9", 1),
        lock.lines().filter(|line| !line.starts_with("release ")).map(|line| format!("{line}\n")).collect(),
    ] {
        project.write("api/current.lock", &damaged);
        let run = project.ends(&["check"], 1);
        let said = run.stdout;
        assert!(
            said.contains("lock-stale") && said.contains("migration-table api bless --table"),
            "{damaged:.80}\n{said}"
        );
        project.succeeds(&["bless"]);
        assert_eq!(project.read("api/current.lock"), lock);
    }
}

/// An emptied lock is written anew from the files of the releases, and not without one of which the last commit knows.
#[test]
fn an_emptied_lock_forgets_no_release() {
    let project = Project::committed();
    project.write("api/current.lock", "");
    project.succeeds(&["bless"]);
    project.succeeds(&["check"]);
    project.write("api/current.lock", "");
    for file in ["api/releases/0.1.lock", "api/releases/0.1.yaml"] {
        fs::remove_file(project.path(file)).expect("the release is there");
    }
    let said = project.ends(&["bless"], 2).stderr;
    assert!(
        said.contains("in the last commit it lists 0.1, whose file is gone: `git ") && said.contains("checkout HEAD"),
        "{said}"
    );
    assert_eq!(project.read("api/current.lock"), "");
}

#[test]
fn a_release_that_was_changed_after_it_was_frozen_is_found_out() {
    let project = Project::released();
    let release = project.read("api/releases/0.1.lock");
    let seal = release.rfind("seal ").expect("a release is sealed");
    for damaged in [
        String::new(),
        release.replacen("active", "aktive", 1),
        release[..seal].to_owned(),
        format!("{release}more\n"),
        format!("<<<<<<< HEAD\n{release}"),
    ] {
        project.write("api/releases/0.1.lock", &damaged);
        let said = project.ends(&["check"], 1).stdout;
        assert!(said.contains("release-lock-modified") && said.contains("git checkout"), "{damaged:.80}\n{said}");
        assert_eq!(project.api(&["freeze", "0.2"]).status, Some(1));
    }
    project.write("api/releases/0.1.lock", &release);
    project.succeeds(&["check"]);
}

#[test]
fn the_table_of_a_release_that_was_changed_or_is_gone_is_found_out() {
    let project = Project::released();
    let (name, lock) = ("api/releases/0.1.yaml", project.read("api/current.lock"));
    assert!(lock.lines().any(|line| line.starts_with("release 0.1 ") && line.contains(" table sha256:")), "{lock}");
    let table = project.read(name);
    // A change that no client can see is one all the same: other machines run beside this table.
    for changed in [table.replace("after_ms: 15000", "after_ms: 5000"), format!("{table}# a remark\n"), String::new()] {
        project.write(name, &changed);
        let said = project.ends(&["check"], 1).stdout;
        assert!(
            said.contains("release-lock-modified") && said.contains("api/releases/0.1.yaml` is not the table"),
            "{said}"
        );
        // Writing the lock anew does not make it right.
        project.succeeds(&["bless"]);
        project.ends(&["check"], 1);
        project.ends(&["freeze", "0.2"], 1);
    }
    fs::remove_file(project.path(name)).expect("it is there");
    let said = project.ends(&["check"], 1).stdout;
    assert!(said.contains("release-missing") && said.contains("git checkout"), "{said}");
    // How git ends the lines of a checkout is no change.
    project.write(name, &table.replace('\n', "\r\n"));
    project.succeeds(&["check"]);
    // The next release lists the table too, and one that the lock does not list yet is asked for.
    project.write(name, &table);
    project.succeeds(&["freeze", "0.2"]);
    assert!(project.read("api/releases/0.2.lock").contains(" table sha256:"));
    let lock = project.read("api/current.lock");
    let (before, _) = lock.split_once(" table sha256:").expect("it lists the table");
    let rest = lock.split_once('\n').expect("it has lines").1;
    let old = format!("{}\n{}", before, &rest[rest.find("release 0.2").expect("it lists 0.2")..]);
    project.write("api/current.lock", &old);
    // The release 0.2 still knows the table of 0.1, so nothing is lost.
    assert!(project.ends(&["check"], 1).stdout.contains("does not list the table of release 0.1"));
    project.succeeds(&["bless"]);
    assert_eq!(project.read("api/current.lock"), lock);
    project.succeeds(&["check"]);
}

#[test]
fn approvals_that_cannot_be_read_are_named_with_a_line() {
    let project = Project::released();
    let approval = |finding: &str, until: &str| {
        format!("format: 1\napprovals:\n  - {{ finding: \"{finding}\", reason: r, link: l, until: \"{until}\" }}\n")
    };
    let unknown = "approval-unknown-key";
    for (text, rule, part) in [
        ("format: 1\napprovals:\n  - findng: a\n".to_owned(), unknown, "findng"),
        ("format: 1\napprovals: [\n".to_owned(), unknown, "approvals.yaml"),
        ("<<<<<<< HEAD\nformat: 1\n".to_owned(), unknown, "conflict marker"),
        ("format: 7\n".to_owned(), unknown, "format 7"),
        (approval("no-such-rule: source: x", "0.2"), "approval-unused", ""),
        (approval("status-removed: x", "0.1"), "approval-expired", ""),
    ] {
        project.write("api/approvals.yaml", &text);
        let output = project.ends(&["check"], 1).stdout;
        assert!(output.contains(rule) && output.contains(part), "{text}\n{output}");
    }
}

/// The examples of `explain`, in a repository.
#[test]
fn what_is_done_to_the_files_is_found_as_each_rule_says() {
    for rule in HYGIENE {
        let project = Project::released();
        let shell = Command::new("sh").args(["-c", rule.done]).current_dir(project.folder.path()).status();
        assert!(shell.expect("there is a shell").success(), "{}", rule.done);
        let found = format!("error[{}]: {}", rule.id, rule.found);
        let folder = format!("{}/", project.folder.path().display());
        let output = project.ends(&["check"], 1).stdout.replace(&folder, "");
        assert!(output.contains(&found), "{found}\n{output}");
    }
}

#[test]
fn a_table_that_is_not_sound_is_no_finding_of_the_api() {
    let project = Project::released();
    project.edit("states.yaml", "to: negotiating,", "to: negotiatign,");
    for command in [&["check"][..], &["bless"], &["freeze", "0.2"], &["log"]] {
        project.ends(command, 1).stderr_has("negotiatign");
    }
}
