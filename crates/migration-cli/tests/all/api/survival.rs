//! Files that are lost, moved, written by half, or changed by git, and commits that forgot their lock.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Project;
use crate::all::run::{file, git, names_in};

/// How often a run is killed.
const KILLS: u32 = 16;

#[test]
fn a_release_that_is_gone_or_renamed_is_missed() {
    let project = Project::released();
    let (kept, lock) = (project.read("api/releases/0.1.lock"), project.read("api/current.lock"));
    assert!(lock.contains("\nrelease 0.1 sha256:"), "{lock}");
    fs::remove_file(project.path("api/releases/0.1.lock")).expect("it is there");
    let said = project.ends(&["check"], 1).stdout;
    assert!(said.contains("error[release-missing]: release 0.1 is listed") && said.contains("git checkout"), "{said}");
    // Writing the lock anew forgets nothing.
    project.succeeds(&["bless"]);
    assert_eq!(project.read("api/current.lock"), lock);
    project.write("api/releases/9.9.lock", &kept);
    let said = project.ends(&["check"], 1).stdout;
    assert!(
        said.contains("release 0.1 is listed") && said.contains("is a copy of the file of 0.1: 9.9 was never frozen"),
        "{said}"
    );
    fs::remove_file(project.path("api/releases/9.9.lock")).expect("it is there");
    for (version, why) in [("0.0.5", "does not come after 0.1"), ("01.2", "is not a version")] {
        let said = project.ends(&["freeze", version], 2).stderr;
        assert!(said.contains(why), "{said}");
    }
    // Whoever ends the support of a release says so, and that is a line of the lock.
    project.succeeds(&["bless", "--retire", "0.1"]);
    assert!(project.read("api/current.lock").contains("\nrelease 0.1 retired\n"));
    project.succeeds(&["check"]);
    assert!(project.ends(&["freeze", "0.1"], 2).stderr.contains("does not come after 0.1"));
}

#[test]
fn a_release_lists_those_before_it_and_is_itself_what_the_lock_lists() {
    let project = Project::released();
    let first = project.read("api/releases/0.1.lock");
    project.succeeds(&["freeze", "0.2"]);
    assert!(project.read("api/releases/0.2.lock").contains("\nrelease 0.1 sha256:"));
    // Another file, whose own seal fits, is not the one that was frozen.
    project.write("api/releases/0.2.lock", &first);
    let said = project.ends(&["check"], 1).stdout;
    assert!(said.contains("release-lock-modified") && said.contains("it was replaced"), "{said}");
    // Without its line in the lock, the older release is still missed by the newer one.
    let project = Project::released();
    project.succeeds(&["freeze", "0.2"]);
    fs::remove_file(project.path("api/releases/0.1.lock")).expect("it is there");
    let lock = project.read("api/current.lock");
    let without: String =
        lock.lines().filter(|line| !line.starts_with("release 0.1 ")).map(|line| format!("{line}\n")).collect();
    project.write("api/current.lock", &without);
    assert!(project.ends(&["check"], 1).stdout.contains("release 0.1 is listed"));
}

#[test]
fn line_ends_that_git_has_changed_are_no_change() {
    let project = Project::released();
    for name in ["api/current.lock", "api/releases/0.1.lock"] {
        project.write(name, &project.read(name).replace('\n', "\r\n"));
    }
    project.succeeds(&["check"]);
    assert!(project.succeeds(&["bless"]).stderr.contains("current already"));
}

#[test]
fn what_is_wrong_with_a_lock_is_said_as_it_is() {
    let project = Project::released();
    fs::write(project.path("api/current.lock"), b"api-lock 1\n\xff\n").expect("it can be written");
    assert!(project.ends(&["check"], 1).stdout.contains("it is not UTF-8"));
    fs::remove_file(project.path("api/current.lock")).expect("it is there");
    fs::create_dir(project.path("api/current.lock")).expect("it can be made");
    assert!(project.ends(&["check"], 1).stdout.contains("it is a directory"));
    fs::remove_dir(project.path("api/current.lock")).expect("it is there");
    assert!(project.ends(&["check"], 1).stdout.contains("is missing"));
}

#[test]
fn approvals_at_the_same_time_are_all_kept() {
    let project = Project::released();
    let text = project.read("states.yaml");
    let renamed = text.replace("migrate_cancel", "migrate_stop").replace("migrate-continue", "migrate-go-on");
    project.write("states.yaml", &renamed);
    project.succeeds(&["bless"]);
    let keys = project.open_keys();
    assert!(keys.len() > 1, "{keys:?}");
    thread::scope(|scope| keys.iter().for_each(|key| drop(scope.spawn(|| project.approve(key, "0.2")))));
    let approvals = project.read("api/approvals.yaml");
    assert!(keys.iter().all(|key| approvals.contains(key.as_str())), "{approvals}");
    project.succeeds(&["check"]);
}

#[test]
fn commits_are_compared_by_their_tables_also_where_they_were_moved() {
    let project = Project::released();
    let folder = project.folder.path();
    let commit = |message: &str| {
        git(folder, &["add", "--all"]);
        git(folder, &["commit", "--quiet", "--message", message]);
    };
    git(folder, &["init", "--quiet"]);
    commit("first");
    let text = project.read("states.yaml");
    project.write("states.yaml", &text.replace("migrate_cancel", "migrate_stop"));
    commit("a change that forgot its lock");
    let run = project.ends(&["diff", "HEAD~1", "HEAD"], 1);
    run.stdout_has("command-removed");
    run.stderr_has("`api/current.lock` is not what `states.yaml` shows");
    project.ends(&["diff", "HEAD~1:states.yaml", "HEAD:states.yaml"], 1);
    let table = project.path("states.yaml");
    let table = table.to_str().expect("the path is UTF-8");
    project.succeeds(&["diff", "HEAD:./states.yaml", table]);
    fs::create_dir(project.path("old")).expect("it can be made");
    fs::rename(project.path("states.yaml"), project.path("old/states.yaml")).expect("it is there");
    commit("moved");
    git(folder, &["mv", "old/states.yaml", "states.yaml"]);
    project.succeeds(&["diff", "HEAD", table]).stderr_has("compared with `old/states.yaml`");
}

#[test]
fn a_table_with_errors_is_compared_with_nothing() {
    let project = Project::released();
    project.write("other.yaml", &project.read("states.yaml").replacen("to: negotiating,", "to: negotiatign,", 1));
    let other = project.path("other.yaml");
    project.ends(&["diff", "0.1", other.to_str().expect("the path is UTF-8")], 1).stderr_has("has errors");
    project.ends(&["check", "--against", other.to_str().expect("the path is UTF-8")], 1).stderr_has("has errors");
}

#[test]
fn a_forgotten_rename_is_one_finding() {
    let project = Project::released();
    let text = project.read("states.yaml");
    project.write("states.yaml", &text.replace("cancelling", "aborting"));
    project.succeeds(&["bless"]);
    assert_eq!(project.open_keys(), ["status-renamed: cancelling -> aborting"]);
    let said = project.ends(&["check", "--format", "github"], 1).stdout;
    assert!(said.lines().all(|line| line.contains(",line=")) && said.contains("is it renamed?"), "{said}");
}

#[test]
fn a_freeze_that_is_killed_leaves_no_half_release() {
    let whole = |project: &Project| {
        let mut freeze = Command::new(env!("CARGO_BIN_EXE_migration-table"));
        freeze.args(["api", "freeze", "0.2"]).current_dir(project.folder.path());
        freeze.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program is there")
    };
    let project = Project::released();
    let start = Instant::now();
    assert!(whole(&project).wait().expect("it ends").success());
    let takes = start.elapsed();
    for kill in 0..KILLS {
        let project = Project::released();
        let mut run = whole(&project);
        // Half of them while it begins to write.
        if kill % 2 == 0 {
            let is_begun = || project.path("api/releases/0.2.yaml").exists();
            while !is_begun() && run.try_wait().expect("it can be asked").is_none() {}
            thread::sleep(Duration::from_micros(u64::from(kill) * 300));
        } else {
            thread::sleep(takes * kill / KILLS);
        }
        drop(run.kill());
        run.wait().expect("it ends");
        if project.path("api/releases/0.2.lock").exists() {
            assert!(project.path("api/releases/0.2.yaml").exists(), "the table was written first");
            project.api(&["bless"]);
        } else {
            project.succeeds(&["freeze", "0.2"]);
        }
        project.succeeds(&["check"]);
        let left = names_in(&project.path("api/releases"));
        assert_eq!(left.len(), 4, "{left:?}");
    }
}

#[test]
fn a_hook_of_a_bare_repository_names_commits() {
    let project = Project::released();
    let folder = project.folder.path();
    git(folder, &["init", "--quiet"]);
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", "first"]);
    git(folder, &["clone", "--quiet", "--bare", ".", "bare.git"]);
    let (_outside, table) = file("pushed.yaml", &project.read("states.yaml"));
    for word in ["HEAD", "HEAD:states.yaml"] {
        let mut diff = Command::new(env!("CARGO_BIN_EXE_migration-table"));
        diff.args(["--table", &table, "api", "diff", word, &table]).current_dir(project.path("bare.git"));
        let output = diff.output().expect("the program is there");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{word}: {said}");
    }
}

#[test]
fn a_file_without_an_end_is_read_up_to_a_bound() {
    let too_long = |project: &Project, arguments: &[&str]| {
        let run = project.api(arguments);
        let said = run.stdout + &run.stderr;
        assert!(said.contains("longer than 64 MiB"), "{arguments:?}: {said}");
    };
    for name in ["api/current.lock", "api/approvals.yaml", "api/releases/0.1.lock"] {
        let project = Project::released();
        drop(fs::remove_file(project.path(name)));
        std::os::unix::fs::symlink("/dev/zero", project.path(name)).expect("a link can be made");
        too_long(&project, &["check"]);
    }
    let project = Project::released();
    let big = fs::File::create(project.path("big.lock")).expect("a file can be made");
    big.set_len(3 << 30).expect("a file may have holes");
    let big = project.path("big.lock");
    let big = big.to_str().expect("the path is UTF-8");
    too_long(&project, &["diff", big, "0.1"]);
    too_long(&project, &["check", "--against", big]);
}
