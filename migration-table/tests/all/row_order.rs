//! The order of rows changes nothing but line numbers.

use migration_table::{Findings, load};

const STATES: &str = include_str!("../../../states.yaml");

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

#[test]
fn two_runs_say_the_same() {
    let text = STATES.replace("states:", "sates:");
    assert_eq!(load(&text).findings, load(&text).findings);
}
