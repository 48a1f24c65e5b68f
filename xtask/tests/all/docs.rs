//! `docs`: writing generated files, and noticing that they are not current.

use std::fs;

use super::run::{root, states, table, xtask};

#[test]
fn what_is_committed_is_current() {
    let run = xtask(&["docs", "--check"]);
    assert_eq!(run.status, Some(0), "{}", run.stdout);
    assert!(run.stdout.ends_with("generated files: all current\n"), "{}", run.stdout);
}

/// Whatever is made is missed where it is missing, and when one byte of it is another.
#[test]
fn what_is_not_current_is_named_with_the_command_that_mends_it() {
    let (directory, path) = table(&states());
    let docs = |arguments: &[&str]| {
        let output = directory.path().to_str().expect("the path is UTF-8");
        xtask(&[&["docs", "--table", &path, "-o", output], arguments].concat())
    };
    fs::copy(root().join("README.md"), directory.path().join("README.md")).expect("README.md can be copied");
    let mend = "run `cargo xtask docs` to write them anew\n";

    let missing = docs(&["--check"]);
    assert_eq!(missing.status, Some(1), "{}", missing.stderr);
    assert!(missing.stdout.contains("docs/source.dot: missing\n"), "{}", missing.stdout);
    assert!(missing.stdout.ends_with(mend), "{}", missing.stdout);

    assert_eq!(docs(&[]).status, Some(0));
    let made = fs::read_dir(directory.path().join("docs")).expect("the directory can be read");
    let mut paths: Vec<_> = made.map(|entry| entry.expect("the directory can be read").path()).collect();
    paths.sort();
    assert!(paths.len() > 15, "{paths:?}");
    for path in &paths {
        let text = fs::read_to_string(path).expect("what is made is text");
        fs::write(path, format!("{text}\n")).expect("the file can be written");
    }
    let left_over = directory.path().join("docs/sender-light.svg");
    fs::write(&left_over, "of a machine that had another name").expect("the file can be written");
    let nothing = "docs/sender-light.svg: made by nothing; `git rm docs/sender-light.svg`, or put it into another folder \
                   if it was written by hand\n";

    let stale = docs(&["--check"]);
    assert_eq!(stale.status, Some(1));
    assert!(stale.stdout.ends_with(&format!("{mend}{nothing}")), "{}", stale.stdout);
    let written = docs(&[]);
    assert_eq!(written.status, Some(1));
    assert!(written.stderr.ends_with(nothing), "{}", written.stderr);
    for path in &paths {
        let name = format!("docs/{}", path.file_name().expect("a file has a name").display());
        let (is_stale, is_written) = (format!("{name}: not current\n"), format!("wrote {name}\n"));
        assert!(stale.stdout.contains(&is_stale), "{is_stale} is not in\n{}", stale.stdout);
        assert!(written.stderr.contains(&is_written), "{is_written} is not in\n{}", written.stderr);
    }
    assert!(left_over.exists(), "it may be somebody's own");

    fs::remove_file(&left_over).expect("it can be removed");
    assert_eq!(docs(&["--check"]).status, Some(0));
    let again = docs(&[]);
    assert_eq!((again.status, again.stderr.as_str()), (Some(0), ""), "what is current is not written again");
}

#[test]
fn a_readme_without_its_markers_is_status_2() {
    let (directory, path) = table(&states());
    fs::write(directory.path().join("README.md"), "nothing").expect("the file can be written");
    let run = xtask(&["docs", "--table", &path, "-o", directory.path().to_str().expect("the path is UTF-8")]);
    assert_eq!(run.status, Some(2));
    assert!(run.stderr.contains("README.md has no part `excerpt`"), "{}", run.stderr);
}
