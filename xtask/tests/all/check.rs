//! `check` and `explain`.

use serde_json::Value;

use super::run::{broken, table, xtask};

#[test]
fn a_sound_table_has_no_findings() {
    let run = xtask(&["check"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    assert!(run.stdout.starts_with("states.yaml: 2 machines, "), "{}", run.stdout);
    assert!(run.stdout.ends_with(" transitions: no findings\n"), "{}", run.stdout);
}

#[test]
fn a_finding_is_printed_with_its_place_and_is_status_1() {
    let (_directory, path) = table(&broken());
    let run = xtask(&["check", "--table", &path]);
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert!(run.stdout.contains("`negotiatign`"), "{}", run.stdout);
    assert!(run.stdout.contains(&format!("{path}:")), "{}", run.stdout);
    assert!(run.stdout.ends_with("finding\n") || run.stdout.ends_with("findings\n"), "{}", run.stdout);
    assert!(!run.stdout.contains('\u{1b}'), "no colours without a terminal");
}

#[test]
fn json_says_the_same() {
    let (_directory, path) = table(&broken());
    let run = xtask(&["check", "--table", &path, "--format", "json"]);
    assert_eq!(run.status, Some(1));
    let report: Value = serde_json::from_str(&run.stdout).expect("the report is JSON");
    assert_eq!(report["file"], path.as_str());
    let finding = &report["findings"][0];
    assert_eq!(finding["severity"], "error");
    assert!(finding["place"]["line"].as_u64().expect("a line is a number") > 1);

    let sound: Value = serde_json::from_str(&xtask(&["check", "--format", "json"]).stdout).expect("the report is JSON");
    assert_eq!(sound["findings"].as_array().map(Vec::len), Some(0));
}

#[test]
fn the_result_goes_to_the_file_that_is_named() {
    let (directory, path) = table(&broken());
    let report = directory.path().join("deep/report.txt");
    let run = xtask(&["check", "--table", &path, "-o", report.to_str().expect("the path is UTF-8")]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""));
    assert!(std::fs::read_to_string(report).expect("the report was written").contains("error["));
}

#[test]
fn a_missing_table_is_status_2() {
    let run = xtask(&["check", "--table", "no-such-table.yaml"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.starts_with("error: cannot read the table `no-such-table.yaml`: "), "{}", run.stderr);
}

#[test]
fn every_listed_check_is_explained() {
    let list = xtask(&["explain"]).stdout;
    assert!(list.lines().count() > 10, "{list}");
    for line in list.lines() {
        let (code, name) = line.split_once("  ").expect("a line is a code and a name");
        let by_code = xtask(&["explain", code]);
        assert_eq!(by_code.status, Some(0));
        assert!(by_code.stdout.starts_with(&format!("{code} {name}\n\n")), "{}", by_code.stdout);
        assert_eq!(by_code.stdout, xtask(&["explain", name]).stdout);
    }
}

#[test]
fn an_unknown_code_is_status_2() {
    let run = xtask(&["explain", "T9999"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.contains("`T9999`"), "{}", run.stderr);
}
