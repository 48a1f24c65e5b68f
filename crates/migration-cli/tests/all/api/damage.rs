//! What becomes of files that somebody has changed.

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

#[test]
fn a_table_that_is_not_sound_is_no_finding_of_the_api() {
    let project = Project::released();
    project.edit("states.yaml", "to: negotiating,", "to: negotiatign,");
    for command in [&["check"][..], &["bless"], &["freeze", "0.2"], &["log"]] {
        let run = project.ends(command, 1);
        assert!(run.stderr.contains("negotiatign"), "{}", run.stderr);
    }
}
