//! Sides that git remembers.

use tempfile::TempDir;

use super::Project;
use crate::all::run::{git, xtask};

/// A released project in a repository of two commits: in the second, the table can no longer be cancelled in `device`.
fn committed() -> Project {
    let project = Project::released();
    let directory = project.folder.path();
    git(directory, &["init", "--quiet", "--initial-branch=main"]);
    git(directory, &["add", "--all"]);
    git(directory, &["commit", "--quiet", "--message=first"]);
    git(directory, &["tag", "first"]);
    project.refuse_cancel_in_device();
    project.succeeds(&["bless"]);
    git(directory, &["commit", "--quiet", "--all", "--message=second"]);
    project
}

#[test]
fn a_commit_is_a_side() {
    let project = committed();
    for against in ["first", "HEAD~1", "0.1"] {
        let said = project.ends(&["check", "--against", against], 1).stdout;
        assert!(said.contains("command-rejected"), "{said}");
        project.ends(&["diff", against, "HEAD"], 1);
    }
    project.succeeds(&["check", "--against", "HEAD"]);
    project.succeeds(&["diff", "HEAD", "HEAD"]);
    // A commit from before there was a lock is read from its table.
    git(project.folder.path(), &["rm", "--quiet", "--cached", "api/current.lock"]);
    git(project.folder.path(), &["commit", "--quiet", "--message=third"]);
    project.succeeds(&["check", "--against", "HEAD"]);
}

/// A lock that is left says nothing of a table that is gone or cannot be read; where there never was one, it is all there is.
#[test]
fn a_lock_does_not_stand_for_a_table_that_is_gone() {
    let project = committed();
    let directory = project.folder.path();
    let table = project.read("states.yaml");
    git(directory, &["rm", "--quiet", "--cached", "states.yaml"]);
    git(directory, &["commit", "--quiet", "--message=without"]);
    let said = project.ends(&["diff", "HEAD~1", "HEAD"], 2).stderr;
    assert!(said.contains("`HEAD` has no `") && said.contains("name the table as `HEAD:PATH`"), "{said}");
    std::fs::write(project.path("states.yaml"), [b"\xff\xfe" as &[u8], table.as_bytes()].concat())
        .expect("it is written");
    git(directory, &["add", "states.yaml"]);
    git(directory, &["commit", "--quiet", "--message=not UTF-8"]);
    project.write("states.yaml", &table);
    let said = project.ends(&["diff", "HEAD~2", "HEAD"], 2).stderr;
    assert!(said.contains("UTF-8"), "{said}");

    let project = Project::released();
    let directory = project.folder.path();
    git(directory, &["init", "--quiet", "--initial-branch=main"]);
    git(directory, &["add", "api"]);
    git(directory, &["commit", "--quiet", "--message=the lock alone"]);
    project.refuse_cancel_in_device();
    let table = project.path("states.yaml").display().to_string();
    let run = project.ends(&["diff", "HEAD", &table], 1);
    assert!(run.stderr.contains("its `api/current.lock` is taken"), "{}", run.stderr);
}

#[test]
fn what_is_no_side_is_an_error_with_a_way_out() {
    let project = committed();
    let said = project.ends(&["check", "--against", "v9"], 2).stderr;
    assert!(said.contains("`v9` is no file, no release") && said.contains("git fetch --tags"), "{said}");
    let said = project.ends(&["check", "--against", "--help; rm"], 2).stderr;
    assert!(said.contains("error"), "{said}");
    let unversioned = Project::released();
    let said = unversioned.ends(&["check", "--against", "v9"], 2).stderr;
    assert!(said.contains("no git repository"), "{said}");
}

#[test]
fn a_shallow_clone_is_no_pass() {
    let project = committed();
    let place = TempDir::new().expect("a directory can be made");
    let url = format!("file://{}", project.folder.path().display());
    git(place.path(), &["clone", "--quiet", "--depth=1", &url, "clone"]);
    let table = place.path().join("clone/states.yaml");
    let table = table.to_str().expect("the path is UTF-8");
    let run = xtask(&["api", "check", "--table", table, "--against", "HEAD~1"]).ended(2);
    assert!(run.stderr.contains("shallow") && run.stderr.contains("fetch-depth: 0"), "{}", run.stderr);
    // What is judged by releases needs no history.
    xtask(&["api", "check", "--table", table]).ended(1);
}
