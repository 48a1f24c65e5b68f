//! The order of rows changes nothing but line numbers.

use std::fs;
use std::path::{Path, PathBuf};

use migration_table::check::Notes;
use migration_table::{Findings, load, load_with};

const STATES: &str = include_str!("../../../../states.yaml");

/// What is said, without where it stands.
fn said(findings: &Findings) -> Vec<String> {
    let mut said: Vec<String> = findings
        .iter()
        .map(|finding| {
            let notes: Vec<&String> = finding.notes.iter().map(|(_, note)| note).collect();
            format!("{} {} {} {notes:?} {:?}", finding.code, finding.message, finding.label, finding.help)
        })
        .collect();
    said.sort();
    said
}

/// The table with the rows of every list of transitions and answers in the opposite order.
fn reversed(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let runs = lines.chunk_by(|a, b| a.starts_with("      - {") && b.starts_with("      - {"));
    let lines: Vec<&str> = runs.flat_map(|run| run.iter().rev().copied()).collect();
    lines.join("\n") + "\n"
}

#[test]
fn the_order_of_rows_changes_nothing_that_is_said() {
    let broken = STATES
        .replace("to: stopping", "to: stoping")
        .replace("when: connected,", "when: conected or,")
        .replace("trigger: continue", "trigger: contine")
        .replace("sends: [ready]", "sends: [hello]");
    assert_ne!(reversed(&broken), broken);
    let (before, after) = (load(&broken).findings, load(&reversed(&broken)).findings);
    assert!(before.len() >= 4, "{before:#?}");
    assert_eq!(said(&before), said(&after));
}

/// The table with the rows of every list of transitions and answers in another order.
fn shuffled(text: &str, seed: u64) -> String {
    let mut dice = fastrand::Rng::with_seed(seed);
    let lines: Vec<&str> = text.lines().collect();
    let is_row = |line: &str| line.starts_with("      - {") && line.ends_with('}');
    let mut out: Vec<&str> = Vec::new();
    for run in lines.chunk_by(|a, b| is_row(a) && is_row(b)) {
        let mut run = run.to_vec();
        dice.shuffle(&mut run);
        out.extend(run);
    }
    out.join("\n") + "\n"
}

/// Every fixture, the tables of released machines, and the project's own.
fn tables() -> Vec<(PathBuf, String)> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![package.join("../../states.yaml")];
    let mut folders = vec![package.join("tests/fixtures"), package.join("../../tests/tables")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let read = |path: PathBuf| (path.clone(), fs::read_to_string(path).unwrap());
    paths.into_iter().map(read).filter(|(path, _)| !is_slow(path)).collect()
}

/// The one table whose purpose is to take long.
fn is_slow(path: &Path) -> bool {
    path.to_string_lossy().contains("T0307-undecided/fires")
}

#[test]
fn any_order_of_rows_gives_the_same_findings() {
    let tables = tables();
    assert!(tables.len() > 100, "the fixtures are there");
    for (path, text) in tables {
        let before = said(&load_with(&text, Notes::Listed).findings);
        for seed in 0..2 {
            let other = shuffled(&text, seed);
            assert_eq!(said(&load_with(&other, Notes::Listed).findings), before, "{} {seed}", path.display());
        }
    }
}

#[test]
fn two_runs_say_the_same() {
    let text = STATES.replace("states:", "sates:");
    assert_eq!(load(&text).findings, load(&text).findings);
}
