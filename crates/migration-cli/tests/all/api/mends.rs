//! What a finding about the frozen side says to do, done as it is written, and the files that a user may have renamed,
//! copied or retired.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::Project;
use crate::all::run::{commit, git, xtask_in};

/// Runs the commands that a report gives as mends, as a user pastes them.
pub(super) fn paste(directory: &Path, report: &str) {
    let mends: Vec<&str> = report.lines().filter_map(|line| line.split_once("mend with: ")).map(|it| it.1).collect();
    assert!(!mends.is_empty(), "{report}");
    for mend in mends {
        let output = Command::new("sh").args(["-c", mend]).current_dir(directory).output().expect("a shell runs");
        assert!(output.status.success(), "{mend}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn an_approval_that_adds_nothing_is_not_written() {
    let project = Project::released();
    project.refuse_cancel_in_device();
    project.succeeds(&["bless"]);
    let key = project.open_keys().remove(0);
    project.approve(&key, "0.2");
    let kept = project.read("api/approvals.yaml");
    let arguments = ["bless", "--approve", &key, "--reason", "r", "--link", "l", "--until", "0.2", "--against", "0.1"];
    project.succeeds(&arguments).stderr_has("approved already, until 0.2");
    assert_eq!(project.read("api/approvals.yaml"), kept);
    // The other way round, the wider one takes the place of the narrower.
    project.succeeds(&["bless", "--withdraw", &key]);
    project.succeeds(&arguments);
    project.approve(&key, "0.2");
    assert_eq!(project.read("api/approvals.yaml").matches("- finding:").count(), 1);
    assert!(!project.api(&["check"]).stdout.contains("approval-unused"));
}

#[test]
fn a_retired_release_does_not_count_although_its_file_is_there() {
    let project = Project::released();
    project.refuse_cancel_in_device();
    project.succeeds(&["bless"]);
    project.ends(&["check"], 1);
    project.succeeds(&["bless", "--retire", "0.1"]);
    project.succeeds(&["check"]);
    assert!(project.path("api/releases/0.1.lock").exists());
}

#[test]
fn a_copy_of_a_release_is_no_release() {
    let project = Project::released();
    project.succeeds(&["freeze", "0.2"]);
    let lock = project.read("api/current.lock");
    project.write("api/releases/0.3.lock", &project.read("api/releases/0.1.lock"));
    for _ in 0..2 {
        let said = project.ends(&["check"], 1).stdout;
        assert!(said.contains("0.3.lock` is a copy of the file of 0.1: 0.3 was never frozen"), "{said}");
        project.succeeds(&["bless"]);
        assert_eq!(project.read("api/current.lock"), lock);
    }
}

#[test]
fn a_copy_that_the_lock_lists_is_no_release_either() {
    let line = |lock: &str, version: &str| {
        let is_it = |line: &&str| line.starts_with(&format!("release {version} "));
        lock.lines().find(is_it).expect("it is listed").to_owned() + "\n"
    };
    // Somebody copies a release to another name, and a lock that was written by an older program lists the copy.
    let copied = |project: &Project, from: &str, to: &str, behind: &str| {
        let lock = project.read("api/current.lock");
        let (original, before) = (line(&lock, from), line(&lock, behind));
        let entry = original.replacen(from, to, 1);
        project.write(&format!("api/releases/{to}.lock"), &project.read(&format!("api/releases/{from}.lock")));
        project.write(&format!("api/releases/{to}.yaml"), &project.read(&format!("api/releases/{from}.yaml")));
        project.write("api/current.lock", &lock.replacen(&before, &format!("{before}{entry}"), 1));
    };
    let told = |project: &Project, from: &str, to: &str| {
        let said = project.ends(&["check"], 1).stdout;
        let expected = format!("{to}.lock` is a copy of the file of {from}: {to} was never frozen");
        assert!(said.contains(&expected) && !said.contains(&format!("{from}.lock` is a copy")), "{said}");
        project.succeeds(&["bless"]);
        assert!(!project.read("api/current.lock").contains(&format!("release {to} ")));
    };
    let project = Project::released();
    copied(&project, "0.1", "0.3", "0.1");
    told(&project, "0.1", "0.3");

    // A later release lists the original.
    let project = Project::released();
    project.succeeds(&["freeze", "0.2"]);
    project.succeeds(&["freeze", "0.3"]);
    copied(&project, "0.2", "0.1.5", "0.1");
    told(&project, "0.2", "0.1.5");

    // The original is retired, and its file is still there.
    let project = Project::released();
    copied(&project, "0.1", "0.3", "0.1");
    let lock = project.read("api/current.lock");
    project.write("api/current.lock", &lock.replacen(&line(&lock, "0.1"), "release 0.1 retired\n", 1));
    told(&project, "0.1", "0.3");
}

#[test]
fn a_table_that_was_renamed_keeps_its_frozen_side() {
    let project = Project::committed();
    let folder = project.folder.path();
    git(folder, &["mv", "states.yaml", "backup.yaml"]);
    let api = |arguments: &[&str]| xtask_in(folder, &[&["api"], arguments, &["--table", "backup.yaml"]].concat());
    for arguments in [&["check"][..], &["bless"], &["freeze", "0.2"]] {
        api(arguments).ended(2).stderr_has("`git mv api backup.api` keeps what was frozen");
    }
    git(folder, &["mv", "api", "backup.api"]);
    assert_eq!(api(&["check"]).status, Some(0));
    // A table of the same name that is still there has a frozen side of its own.
    let other = Project::released();
    let text = other.read("states.yaml");
    other.write("second.yaml", &text);
    xtask_in(other.folder.path(), &["api", "bless", "--table", "second.yaml"]).ended(0);
}

#[test]
fn the_command_that_takes_a_release_back_works_where_it_is_pasted() {
    let project = Project::released();
    let folder = project.folder.path();
    let outside = folder.parent().expect("it is in a directory");
    let inside = folder.join("it is here");
    fs::create_dir(&inside).expect("it can be made");
    for name in ["states.yaml", "api"] {
        fs::rename(folder.join(name), inside.join(name)).expect("it is there");
    }
    commit(&inside);
    let release = inside.join("api/releases/0.1.lock");
    let table = inside.join("states.yaml");
    let table = table.to_str().expect("the path is UTF-8");
    let kept = fs::read_to_string(&release).expect("it is there");
    for directory in [folder, outside, &inside] {
        for damage in ["removed", "changed", "all of them"] {
            match damage {
                "removed" => fs::remove_file(&release).expect("it is there"),
                "changed" => fs::write(&release, kept.replacen("active", "aktive", 1)).expect("it can be written"),
                _ => fs::remove_dir_all(inside.join("api/releases")).expect("it is there"),
            }
            let run = xtask_in(directory, &["api", "check", "--table", table]).ended(1);
            paste(directory, &run.stdout);
            assert_eq!(fs::read_to_string(&release).expect("it is there"), kept);
        }
    }
}

#[test]
fn the_file_that_the_lock_lists_is_taken_back_and_not_the_oldest() {
    let project = Project::committed();
    let folder = project.folder.path();
    fs::remove_dir_all(project.path("api")).expect("it is there");
    let text = project.read("states.yaml");
    project.write("states.yaml", &text.replace("migrate_cancel", "migrate_stop"));
    commit(folder);
    project.succeeds(&["bless"]);
    project.succeeds(&["freeze", "0.1"]);
    commit(folder);
    let kept = project.read("api/releases/0.1.lock");
    for name in ["api/releases/0.1.lock", "api/releases/0.1.yaml"] {
        fs::remove_file(project.path(name)).expect("it is there");
        paste(folder, &project.ends(&["check"], 1).stdout);
    }
    assert_eq!(project.read("api/releases/0.1.lock"), kept);
    project.succeeds(&["check"]);
}

#[test]
fn a_release_that_was_never_committed_is_said_to_be_nowhere() {
    let project = Project::released();
    git(project.folder.path(), &["init", "--quiet"]);
    fs::remove_file(project.path("api/releases/0.1.lock")).expect("it is there");
    let said = project.ends(&["check"], 1).stdout;
    assert!(said.contains("no commit here has `") && said.contains("0.1.lock` as it was frozen"), "{said}");
}

#[test]
fn two_sides_are_compared_where_there_is_no_table() {
    let project = Project::released();
    let folder = project.folder.path();
    fs::rename(project.path("states.yaml"), project.path("old.yaml")).expect("it is there");
    project.write("new.yaml", &project.read("old.yaml").replace("migrate_cancel", "migrate_stop"));
    xtask_in(folder, &["api", "diff", "old.yaml", "new.yaml"]).ended(1);
    let project = Project::committed();
    let folder = project.folder.path();
    let text = project.read("states.yaml");
    project.write("states.yaml", &text.replace("migrate_cancel", "migrate_stop"));
    commit(folder);
    let bare = TempDir::new().expect("a directory can be made");
    let here = folder.to_str().expect("the path is UTF-8");
    git(bare.path(), &["clone", "--quiet", "--bare", here, "."]);
    xtask_in(bare.path(), &["api", "diff", "HEAD~1", "HEAD"]).ended(1);
}

#[test]
fn a_path_in_a_commit_is_one_from_where_the_program_runs() {
    let project = Project::committed();
    let folder = project.folder.path();
    let below = folder.join("below");
    fs::create_dir(&below).expect("it can be made");
    for word in ["HEAD:../states.yaml", "HEAD:states.yaml", "HEAD"] {
        xtask_in(&below, &["api", "check", "--against", word]).ended(0);
    }
}

#[test]
fn a_file_in_the_place_of_a_folder_is_named_with_the_way_out() {
    let project = Project::new();
    project.write("api", "a note\n");
    for arguments in [&["check"][..], &["bless"], &["freeze", "0.1"]] {
        let said = project.ends(arguments, 2).stderr;
        assert!(said.contains("is a file, and the frozen side of the table needs a folder"), "{said}");
        assert!(said.contains("`mv ") && said.contains("api.old`"), "{said}");
    }
}
