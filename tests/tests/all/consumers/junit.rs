//! Reports for build servers are valid by the schema with which the xUnit plugin of Jenkins judges them.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::installed::{answered, own, python, scratch};
use crate::all::hosts::table_program;

#[test]
fn reports_are_valid_by_the_schema_of_build_servers() {
    let Some(python) = python() else { return };
    let project = scratch("junit");
    for name in ["old.yaml", "new.yaml"] {
        let from = own("../crates/migration-contract/tests/api/command-rejected").join(name);
        fs::copy(from, project.join(name)).expect("the table can be copied");
    }
    let report = |arguments: &[&str], status: i32| {
        let mut command = Command::new(table_program());
        command.args(["api", "check", "--format", "junit", "--table"]).args(arguments).current_dir(&project);
        let output = command.output().expect("the program that was built can be run");
        let said = String::from_utf8(output.stdout).expect("a report is text");
        assert_eq!(output.status.code(), Some(status), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
        said
    };
    let same = report(&["old.yaml", "--against", "old.yaml"], 0);
    let no_lock = report(&["old.yaml"], 1);
    let breaks = report(&["new.yaml", "--against", "old.yaml"], 1);
    for (text, part) in [(&same, "verdict: identical"), (&no_lock, "lock-stale"), (&breaks, "evidence: ")] {
        assert!(text.contains(part), "`{part}` in\n{text}");
    }
    // The schema is one that can be broken.
    let odd = same.replace("testcase", "testcaze");

    let mut validator = Command::new(python.join("bin/python"));
    validator.arg(own("python/validate_xml.py")).arg(own("data/schemas/junit-10.xsd"));
    let reports = serde_json::to_string(&[&same, &no_lock, &breaks, &odd]).expect("texts are JSON");
    let found: Vec<Vec<Value>> = serde_json::from_str(&answered(&mut validator, &reports)).expect("it writes JSON");
    let [same, no_lock, breaks, odd] = found.try_into().expect("an answer for each");
    assert_eq!((same, no_lock, breaks), (vec![], vec![], vec![]));
    assert!(!odd.is_empty());
}
