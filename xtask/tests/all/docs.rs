//! `docs`: writing generated files, and noticing that they are not current.

use std::fs;

use super::run::{root, states, table, xtask};

#[test]
fn what_is_committed_is_current() {
    let run = xtask(&["docs", "--check"]);
    assert_eq!(run.status, Some(0), "{}", run.stdout);
    assert!(run.stdout.ends_with("generated files: all current\n"), "{}", run.stdout);
}

#[test]
fn what_is_not_current_is_named_with_the_command_that_mends_it() {
    let (directory, path) = table(&states());
    let docs = |arguments: &[&str]| {
        let output = directory.path().to_str().expect("the path is UTF-8");
        xtask(&[&["docs", "--table", &path, "-o", output], arguments].concat())
    };
    fs::copy(root().join("README.md"), directory.path().join("README.md")).expect("README.md can be copied");

    let missing = docs(&["--check"]);
    assert_eq!(missing.status, Some(1), "{}", missing.stderr);
    assert!(missing.stdout.contains("docs/source.dot: missing\n"), "{}", missing.stdout);
    assert!(missing.stdout.ends_with("run `cargo xtask docs` to write them anew\n"), "{}", missing.stdout);

    assert_eq!(docs(&[]).status, Some(0));
    assert_eq!(docs(&["--check"]).status, Some(0));
    assert_eq!(docs(&[]).stderr, "", "what is current is not written again");

    let left_over = directory.path().join("docs/sender-light.svg");
    fs::write(&left_over, "of a machine that had another name").expect("the file can be written");
    fs::write(directory.path().join("docs/source.mmd"), "stale").expect("the file can be written");
    let stale = docs(&["--check"]);
    assert_eq!(stale.status, Some(1));
    let nothing = "docs/sender-light.svg: made by nothing; `git rm docs/sender-light.svg`, or put it into another folder \
                   if it was written by hand\n";
    let said = format!("docs/source.mmd: not current\nrun `cargo xtask docs` to write them anew\n{nothing}");
    assert_eq!(stale.stdout, said);
    let written = docs(&[]);
    assert_eq!((written.status, written.stderr), (Some(1), format!("wrote docs/source.mmd\n{nothing}")));
    assert!(left_over.exists(), "it may be somebody's own");
    fs::remove_file(&left_over).expect("it can be removed");
    assert_eq!(docs(&["--check"]).status, Some(0));
}

/// Whatever is made is missed when one byte of it is another.
#[test]
fn a_change_to_any_of_them_is_found() {
    let (directory, path) = table(&states());
    let docs = |arguments: &[&str]| {
        let output = directory.path().to_str().expect("the path is UTF-8");
        xtask(&[&["docs", "--table", &path, "-o", output], arguments].concat())
    };
    fs::copy(root().join("README.md"), directory.path().join("README.md")).expect("README.md can be copied");
    assert_eq!(docs(&[]).status, Some(0));
    let made = fs::read_dir(directory.path().join("docs")).expect("the directory can be read");
    let mut paths: Vec<_> = made.map(|entry| entry.expect("the directory can be read").path()).collect();
    paths.sort();
    for path in &paths {
        let text = fs::read_to_string(path).expect("what is made is text");
        fs::write(path, format!("{text}\n")).expect("the file can be written");
    }
    let named = docs(&["--check"]);
    assert_eq!(named.status, Some(1));
    for path in &paths {
        let line = format!("docs/{}: not current\n", path.file_name().expect("a file has a name").display());
        assert!(named.stdout.contains(&line), "{line} is not in\n{}", named.stdout);
    }
    assert!(paths.len() > 15, "{paths:?}");
}

#[test]
fn a_readme_without_its_markers_is_status_2() {
    let (directory, path) = table(&states());
    fs::write(directory.path().join("README.md"), "nothing").expect("the file can be written");
    let run = xtask(&["docs", "--table", &path, "-o", directory.path().to_str().expect("the path is UTF-8")]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("README.md has no part `excerpt`"), "{}", run.stderr);
}
