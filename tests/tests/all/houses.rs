//! The houses of the workspace: who may use whom, how long a file may be, and that nothing points outside.
//!
//! A comment about an arrow is not an arrow, so the arrows are read from what cargo knows.

mod modules;

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use modules::Modules;
use serde_json::Value;

/// Every use of one package of the workspace by another, as `user -> used`.
const ARROWS: &[(&str, &str)] = &[
    ("migration-benches", "migration-contract"),
    ("migration-benches", "migration-generate"),
    ("migration-benches", "migration-machine"),
    ("migration-benches", "migration-macros"),
    ("migration-benches", "migration-table"),
    ("migration-benches", "migration-testkit"),
    ("migration-benches", "migration-verify"),
    ("migration-cli", "migration-contract"),
    ("migration-cli", "migration-draw"),
    ("migration-cli", "migration-generate"),
    ("migration-cli", "migration-replay"),
    ("migration-cli", "migration-table"),
    ("migration-cli", "migration-verify"),
    ("migration-contract", "migration-table"),
    ("migration-draw", "migration-contract"),
    ("migration-draw", "migration-table"),
    ("migration-host", "migration-runtime"),
    ("migration-generate", "migration-contract"),
    ("migration-generate", "migration-draw"),
    ("migration-generate", "migration-table"),
    ("migration-macros", "migration-generate"),
    ("migration-macros", "migration-contract"),
    ("migration-macros", "migration-table"),
    ("migration-replay", "migration-table"),
    ("migration-runtime", "migration-machine"),
    ("migration-runtime", "migration-macros"),
    ("migration-verify", "migration-table"),
    ("migration-tests", "migration-cli"),
    ("migration-tests", "migration-host"),
    ("xtask", "migration-cli"),
    ("xtask", "migration-contract"),
    ("xtask", "migration-draw"),
    ("xtask", "migration-table"),
    ("xtask", "migration-testkit"),
    ("xtask", "migration-verify"),
];

/// The same for what only tests use.
const ARROWS_OF_TESTS: &[(&str, &str)] = &[
    ("migration-tests", "migration-generate"),
    ("migration-tests", "migration-macros"),
    ("migration-contract", "migration-table"),
    ("migration-draw", "migration-contract"),
    ("migration-draw", "migration-table"),
    ("migration-interleavings", "migration-macros"),
    ("migration-machine", "migration-macros"),
    ("migration-generate", "migration-machine"),
    ("migration-generate", "migration-macros"),
    ("migration-macros", "migration-machine"),
    ("migration-macros-ui", "migration-machine"),
    ("migration-macros-ui", "migration-macros"),
    ("migration-tests", "migration-machine"),
    ("migration-tests", "migration-contract"),
    ("migration-tests", "migration-draw"),
    ("migration-tests", "migration-replay"),
    ("migration-tests", "migration-runtime"),
    ("migration-tests", "migration-table"),
    ("migration-verify", "migration-table"),
    ("migration-host", "migration-testkit"),
    ("migration-runtime", "migration-testkit"),
    ("migration-tests", "migration-testkit"),
];

/// Longest Rust file, in lines. About 400 is the aim; this is where it must be split.
const FILE_LINES_MAX: usize = 450;

/// Longest function, in lines. About 70 is the aim.
const FUNCTION_LINES_MAX: usize = 90;

/// Beginnings of paths that exist on one machine only; where this checkout is makes one more.
const OUTSIDE: &[&str] = &["/home/", "/Users/", "/root/"];

#[test]
fn packages_use_each_other_only_along_the_arrows() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("cargo lists packages");
    let members: BTreeSet<&str> = packages.iter().map(name).collect();
    let mut found = BTreeSet::new();
    let mut found_of_tests = BTreeSet::new();
    for package in packages {
        for used in package["dependencies"].as_array().expect("cargo lists dependencies") {
            if !members.contains(name(used)) {
                continue;
            }
            let arrows = if used["kind"] == "dev" { &mut found_of_tests } else { &mut found };
            arrows.insert((name(package), name(used)));
        }
    }
    assert_eq!(found, ARROWS.iter().copied().collect(), "uses in code");
    assert_eq!(found_of_tests, ARROWS_OF_TESTS.iter().copied().collect(), "uses in tests alone");
}

#[test]
fn modules_use_each_other_one_way_only() {
    let metadata = metadata();
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().expect("cargo lists packages") {
        for target in package["targets"].as_array().expect("cargo lists targets") {
            let kind = target["kind"][0].as_str().unwrap_or_default();
            let is_of_tests = matches!(name(package), "migration-benches" | "migration-tests");
            if is_of_tests || !matches!(kind, "lib" | "proc-macro" | "bin") {
                continue;
            }
            let file = target["src_path"].as_str().expect("a target has a file");
            let cycles = Modules::read(&root(), Path::new(file)).cycles();
            found.extend(cycles.into_iter().map(|cycle| format!("{}: {cycle}", name(target))));
        }
    }
    assert!(found.is_empty(), "these modules use each other in a circle:\n{}", found.join("\n"));
}

/// A text is not compiled, so nothing else notices that a merge was left half done.
#[test]
fn no_file_has_the_marks_of_a_merge() {
    let is_mark = |line: &str| line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ");
    let mut marked = Vec::new();
    for path in files() {
        let bytes = fs::read(&path).expect("a file can be read");
        let text = String::from_utf8_lossy(&bytes);
        let lines = text.lines().enumerate().filter(|(_, line)| is_mark(line));
        marked.extend(lines.map(|(at, _)| format!("{}:{}", shown(&path), at + 1)));
    }
    assert!(marked.is_empty(), "decide between the two sides here:\n{}", marked.join("\n"));
}

#[test]
fn no_file_and_no_function_is_too_long() {
    let mut long = Vec::new();
    for path in files().iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
        let text = fs::read_to_string(path).expect("a Rust file is text");
        let lines: Vec<&str> = text.lines().collect();
        if lines.len() > FILE_LINES_MAX {
            long.push(format!("{}: {} lines", shown(path), lines.len()));
        }
        for (at, length) in functions(&lines).into_iter().filter(|(_, length)| *length > FUNCTION_LINES_MAX) {
            long.push(format!("{}:{}: a function of {length} lines", shown(path), at + 1));
        }
    }
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
}

#[test]
fn every_rust_file_says_what_lives_there() {
    let silent: Vec<String> = files()
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs") && !is_data(path))
        .filter(|path| !fs::read_to_string(path).expect("a Rust file is text").starts_with("//!"))
        .map(|path| shown(path))
        .collect();
    assert!(silent.is_empty(), "these do not open with `//!`:\n{}", silent.join("\n"));
}

#[test]
fn nothing_points_outside_the_repository() {
    let this = root().join("tests/tests/all/houses.rs");
    // The folder for temporary files is on every machine, so a checkout in it may name it.
    let folder = root().parent().expect("a checkout is in a folder").to_owned();
    let beside = (folder != std::env::temp_dir()).then(|| format!("{}/", folder.display()));
    let here = format!("{}/", root().display());
    let names: BTreeSet<OsString> =
        files().iter().flat_map(|path| path.iter().map(OsString::from).collect::<Vec<_>>()).collect();
    // A path upwards that goes on with a name which nothing here has leads out.
    let leads_out = |line: &str| {
        line.split("../").skip(1).any(|rest| {
            let name = rest.split(|c: char| !(c.is_alphanumeric() || "._-".contains(c))).next().unwrap_or_default();
            !matches!(name, "" | "." | "..") && !names.contains(OsStr::new(name))
        })
    };
    let mut found = Vec::new();
    for path in files().iter().filter(|path| **path != this) {
        // What is not text is data, and data names no files.
        let Ok(text) = fs::read_to_string(path) else { continue };
        for (at, line) in text.lines().enumerate() {
            let of_a_machine = OUTSIDE
                .iter()
                .copied()
                .chain(beside.as_deref())
                .chain([here.as_str()])
                .any(|outside| line.contains(outside));
            if of_a_machine || leads_out(line) {
                found.push(format!("{}:{}: {}", shown(path), at + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "the repository stands alone:\n{}", found.join("\n"));
}

#[test]
fn every_invariant_names_tests_that_exist() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there");
    let (_, rest) = text.split_once("\n## Invariants\n").expect("it has a section on invariants");
    let section = rest.split("\n## ").next().unwrap_or(rest);
    let code: String = files()
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| fs::read_to_string(path).expect("a Rust file is text"))
        .collect();
    let mut invariants = 0;
    for line in section.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())) {
        let (_, tests) = line.rsplit_once("Test").unwrap_or_else(|| panic!("no test is named: {line}"));
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test is named: {line}");
        for name in names {
            assert!(code.contains(&format!("fn {name}(")), "there is no test `{name}`: {line}");
        }
        invariants += 1;
    }
    assert!(invariants > 10, "the section was not understood");
}

/// Cargo compiles a package once for each set of features that it is asked for with.
#[test]
fn what_the_program_of_the_upkeep_and_the_tests_share_is_compiled_once() {
    let packages = |selection: &[&str]| -> BTreeSet<String> {
        let format = ["tree", "--offline", "--prefix", "none", "--format", "{p} features: {f}"];
        let tree = String::from_utf8(cargo(&[&format, selection].concat())).expect("cargo writes text");
        tree.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
    };
    let tests = packages(&["--workspace", "--edges", "normal,build,dev"]);
    let alone = packages(&["--package", "xtask", "--edges", "normal,build"]);
    let name = |line: &String| line.split(" features: ").next().unwrap_or_default().to_owned();
    let names: Vec<String> = tests.iter().map(name).collect();
    let twice: Vec<&String> = names.windows(2).filter(|two| two[0] == two[1]).map(|two| &two[0]).collect();
    let hint = "ask for what is missing in xtask/Cargo.toml, which says how";
    assert!(twice.is_empty(), "the macro or its user needs other features of {twice:?} than the tests: {hint}");
    let other: Vec<&String> = alone.difference(&tests).collect();
    assert!(other.is_empty(), "`cargo xtask` alone has these, and the tests have others: {other:#?}: {hint}");
}

fn metadata() -> Value {
    serde_json::from_slice(&cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"]))
        .expect("cargo writes JSON")
}

fn cargo(arguments: &[&str]) -> Vec<u8> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(arguments).current_dir(root()).output();
    let output = output.expect("cargo runs, since it runs this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn name(package: &Value) -> &str {
    package["name"].as_str().expect("a package has a name")
}

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the package is in the workspace").to_path_buf()
}

/// Every file of the repository, in order; nothing that a build makes.
fn files() -> Vec<PathBuf> {
    let mut directories = vec![root()];
    let mut files = Vec::new();
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).expect("a directory of the repository can be read") {
            let path = entry.expect("an entry can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // A worktree or a clone of something else within is not ours; nor is what a build leaves.
            let is_ours = name != ".git" && name != "target" && !path.join(".git").exists();
            if path.is_dir() && is_ours {
                directories.push(path);
            } else if path.is_file() && is_ours {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Whether a file is the input of a test rather than code of ours.
fn is_data(path: &Path) -> bool {
    ["ui", "data", "tables", "fixtures"].iter().any(|data| path.components().any(|part| part.as_os_str() == *data))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Where functions start and how many lines they have, by the indentation that the formatter gives them. What a macro
/// writes is not counted: its text is a template.
fn functions(lines: &[&str]) -> Vec<(usize, usize)> {
    let end = |at: usize| {
        let indent = lines[at].len() - lines[at].trim_start().len();
        let close = format!("{}}}", " ".repeat(indent));
        lines[at..].iter().position(|line| *line == close).map(|last| at + last)
    };
    let is_function = |line: &str| {
        let words: Vec<&str> = line.split('(').next().unwrap_or("").split_whitespace().collect();
        // A name follows; in the type of a function pointer none does.
        let is_named = words.iter().rposition(|word| *word == "fn").is_some_and(|at| at + 1 < words.len());
        is_named && !line.trim_start().starts_with("//") && !line.trim_end().ends_with(';')
    };
    let mut found = Vec::new();
    let mut after_macro = 0;
    for (at, line) in lines.iter().enumerate() {
        if line.trim_start().starts_with("macro_rules!") {
            after_macro = end(at).unwrap_or(at);
        } else if at >= after_macro && is_function(line) {
            found.extend(end(at).map(|last| (at, last + 1 - at)));
        }
    }
    found
}
