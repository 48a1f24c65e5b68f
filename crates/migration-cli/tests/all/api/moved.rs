//! A table that was moved, or lost its files, is not taken for a new one; and what git says of it wherever it is asked from.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::Project;
use super::mends::paste;
use crate::all::run::{Run, commit, git, program, xtask_in};

/// Runs a command of a shell in a directory.
fn shell(directory: &Path, line: &str) {
    let output = Command::new("sh").args(["-c", line]).current_dir(directory).output().expect("a shell runs");
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Returns the command in backquotes that holds a word.
fn proposed(run: &Run, word: &str) -> String {
    let found = run.stderr.split('`').skip(1).step_by(2).find(|it| it.contains(word));
    found.unwrap_or_else(|| panic!("{}{}", run.stdout, run.stderr)).to_owned()
}

/// Runs a command that must refuse to take the table for a new one.
fn refused(directory: &Path, arguments: &[&str]) -> Run {
    let run = xtask_in(directory, &[&["api"], arguments].concat()).ended(2);
    assert!(!run.stderr.contains("api bless"), "{}", run.stderr);
    run
}

#[test]
fn a_table_that_was_moved_is_told_to_take_its_frozen_side_along() {
    for is_committed in [false, true] {
        let project = Project::committed();
        let folder = project.folder.path();
        let below = folder.join("t");
        fs::create_dir(&below).expect("it can be made");
        git(folder, &["mv", "states.yaml", "t/"]);
        if is_committed {
            commit(folder);
        }
        for arguments in [&["check"][..], &["bless"], &["freeze", "0.2"]] {
            refused(&below, arguments);
        }
        shell(&below, &proposed(&refused(&below, &["check"]), "git mv"));
        assert_eq!(xtask_in(&below, &["api", "check"]).status, Some(0));
        assert!(below.join("api/releases/0.1.lock").is_file());
    }
}

#[test]
fn a_frozen_side_that_is_gone_comes_from_the_last_commit() {
    let gone: [(&str, &[&str]); 3] = [
        ("rm -r api", &["git checkout"]),
        ("git rm -rq api && rmdir api 2>/dev/null || true", &["git checkout"]),
        ("mkdir t && git mv states.yaml t/ && rm -r api", &["git checkout", "git mv"]),
    ];
    for (line, words) in gone {
        let project = Project::committed();
        let folder = project.folder.path();
        shell(folder, line);
        let here = if folder.join("t").exists() { folder.join("t") } else { folder.to_owned() };
        for arguments in [&["check"][..], &["bless"], &["freeze", "0.2"]] {
            refused(&here, arguments);
        }
        let command = proposed(&refused(&here, &["check"]), "git checkout");
        assert!(words.iter().all(|word| command.contains(word)), "{command}");
        shell(&here, &command);
        assert_eq!(xtask_in(&here, &["api", "check"]).status, Some(0));
    }
    // The lock alone, while a file beside it was changed.
    let project = Project::committed();
    let folder = project.folder.path();
    fs::remove_file(project.path("api/current.lock")).expect("it is there");
    let command = proposed(&refused(folder, &["check"]), "git checkout");
    assert_eq!(command, "git checkout HEAD -- api/current.lock");
}

#[test]
fn a_copy_of_a_table_has_a_frozen_side_of_its_own() {
    let project = Project::committed();
    let folder = project.folder.path();
    shell(folder, "mkdir t && cp states.yaml t/");
    assert_eq!(xtask_in(&folder.join("t"), &["api", "bless"]).status, Some(0));
}

#[test]
fn the_file_of_a_release_that_was_moved_is_known_by_its_old_path() {
    let project = Project::committed();
    let folder = project.folder.path();
    shell(folder, "mkdir t && git mv states.yaml api t/");
    let release = folder.join("t/api/releases/0.1.lock");
    fs::remove_file(&release).expect("it is there");
    let run = xtask_in(&folder.join("t"), &["api", "check"]).ended(1);
    paste(&folder.join("t"), &run.stdout);
    assert_eq!(xtask_in(&folder.join("t"), &["api", "check"]).status, Some(0));
}

#[test]
fn what_the_environment_says_of_a_repository_does_not_hide_that_of_the_table() {
    let project = Project::committed();
    let folder = project.folder.path();
    let other = Project::released();
    git(other.folder.path(), &["init", "--quiet"]);
    let strange = other.path(".git");
    let check = |place: &Path, directory: &Path| {
        let mut run = program();
        run.args(["api", "check", "--table"]).arg(project.path("states.yaml"));
        let output = run.current_dir(directory).env("GIT_DIR", place).output().expect("the program runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    fs::remove_file(project.path("api/releases/0.1.lock")).expect("it is there");
    for (place, directory) in
        [(Path::new(".git"), folder), (&project.path(".git"), other.folder.path()), (&strange, folder)]
    {
        let said = check(place, directory);
        assert!(said.contains("git ") && said.contains(" checkout "), "{}: {said}", place.display());
        assert!(!said.contains("no commit here"), "{}: {said}", place.display());
    }
    // Outside of a repository nobody has looked at commits.
    fs::remove_dir_all(project.path(".git")).expect("it is there");
    let said = project.ends(&["check"], 1).stdout;
    assert!(said.contains("from a backup") && said.contains("no git repository"), "{said}");
}

#[test]
fn the_index_is_named_as_git_does_and_a_folder_is_no_table() {
    let project = Project::committed();
    let folder = project.folder.path();
    let below = folder.join("below");
    fs::create_dir(&below).expect("it can be made");
    let text = project.read("states.yaml");
    project.write("states.yaml", &text.replace("migrate_cancel", "migrate_stop"));
    git(folder, &["add", "states.yaml"]);
    project.write("states.yaml", &text);
    for (directory, word) in [(folder, ":states.yaml"), (&below, ":states.yaml"), (&below, ":../states.yaml")] {
        xtask_in(directory, &["api", "diff", "HEAD", word]).ended(1).stdout_has("migrate_stop");
    }
    let run = xtask_in(folder, &["api", "diff", "HEAD:api", "states.yaml"]);
    assert!(run.status == Some(2) && run.stderr.contains("`HEAD:api` is a folder"), "{}", run.stderr);
    // As in git, the path is one from where the program runs, also where there is no such file.
    let run = xtask_in(&below, &["api", "diff", "HEAD:./states.yaml", "HEAD"]);
    assert!(run.status == Some(2) && run.stderr.contains("below/states.yaml"), "{}", run.stderr);
}
