//! Several tables in one directory, and files of the frozen side that belong to another table.

use std::fs;

use super::Project;
use crate::all::run::{Run, xtask};

fn api(project: &Project, table: &str, arguments: &[&str]) -> Run {
    let table = project.path(table);
    xtask(&[&["api"], arguments, &["--table", table.to_str().expect("the path is UTF-8")]].concat())
}

fn succeeds(project: &Project, table: &str, arguments: &[&str]) {
    api(project, table, arguments).ended(0);
}

#[test]
fn tables_in_one_directory_do_not_touch_each_other() {
    let project = Project::released();
    let before = [project.read("api/current.lock"), project.read("api/releases/0.1.lock")];
    // A copy has the same name inside, and still a frozen side of its own.
    project.write("copy.yaml", &project.read("states.yaml"));
    let doors = include_str!("../../../../../migration-macros/tests/tables/tiny.yaml");
    project.write("doors.yaml", doors);
    for table in ["copy.yaml", "doors.yaml"] {
        assert_eq!(api(&project, table, &["check"]).status, Some(1), "nothing is frozen of {table}");
        succeeds(&project, table, &["bless"]);
        succeeds(&project, table, &["freeze", "7.0"]);
        succeeds(&project, table, &["check"]);
    }
    assert_eq!([project.read("api/current.lock"), project.read("api/releases/0.1.lock")], before);
    assert!(project.path("copy.api/releases/7.0.lock").exists() && project.path("doors.api/current.lock").exists());
    // A change of one is a finding of that one only.
    project.write("doors.yaml", &doors.replace("deprecated: { since: \"1.2\" }, ", ""));
    assert_eq!(api(&project, "doors.yaml", &["check"]).status, Some(1));
    for table in ["states.yaml", "copy.yaml"] {
        succeeds(&project, table, &["check"]);
    }
}

#[test]
fn the_frozen_side_of_another_table_is_refused_and_left_alone() {
    let project = Project::released();
    let other = project.read("states.yaml").replacen("machine: migration", "machine: teleport", 1);
    project.write("states.yaml", &other);
    let before = project.read("api/current.lock");
    let approve = ["bless", "--approve", "a: b", "--reason", "r", "--link", "l", "--until", "9.0"];
    for arguments in
        [&["check"][..], &["bless"], &approve, &["bless", "--withdraw", "a: b"], &["freeze", "0.2"], &["log"]]
    {
        let run = project.ends(arguments, 2);
        for part in ["api/current.lock", "`migration`", "`teleport`", "file of another name"] {
            run.stderr_has(part);
        }
    }
    // Neither is a lock of another table compared when the user names it, nor a release alone.
    let lock = project.path("api/current.lock");
    let lock = lock.to_str().expect("the path is UTF-8");
    project.ends(&["check", "--against", lock], 2);
    project.ends(&["diff", "0.1", project.path("states.yaml").to_str().expect("the path is UTF-8")], 2);
    assert_eq!(project.read("api/current.lock"), before);
    fs::remove_file(lock).expect("the lock is there");
    assert!(project.ends(&["bless"], 2).stderr.contains("0.1.lock"));
    assert!(!project.path("api/current.lock").exists());
}
