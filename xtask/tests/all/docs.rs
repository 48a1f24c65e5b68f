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

    fs::write(directory.path().join("docs/source.mmd"), "stale").expect("the file can be written");
    let stale = docs(&["--check"]);
    assert_eq!(stale.status, Some(1));
    assert!(stale.stdout.starts_with("docs/source.mmd: not current\n"), "{}", stale.stdout);
}

#[test]
fn a_readme_without_its_markers_is_status_2() {
    let (directory, path) = table(&states());
    fs::write(directory.path().join("README.md"), "nothing").expect("the file can be written");
    let run = xtask(&["docs", "--table", &path, "-o", directory.path().to_str().expect("the path is UTF-8")]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("README.md has no part `excerpt`"), "{}", run.stderr);
}
