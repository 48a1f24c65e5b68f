//! `check`.

use super::run::{broken, states, table, xtask};

#[test]
fn a_sound_table_has_no_findings() {
    let run = xtask(&["check"]).ended_silently(0);
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    assert!(run.stdout.starts_with("states.yaml: 2 machines, "), "{}", run.stdout);
    assert!(run.stdout.ends_with(" transitions: no findings\n"), "{}", run.stdout);
}

#[test]
fn a_finding_is_printed_with_its_place_and_is_status_1() {
    let (_directory, path) = table(&broken());
    let run = xtask(&["check", "--table", &path]).ended(1);
    run.stdout_has("`negotiatign`");
    run.stdout_has(&format!("{path}:"));
    assert!(run.stdout.ends_with("finding\n") || run.stdout.ends_with("findings\n"), "{}", run.stdout);
    assert!(!run.stdout.contains('\u{1b}'), "no colours without a terminal");
}

#[test]
fn races_are_listed_on_request_and_are_no_reason_to_fail() {
    xtask(&["check", "--notes"]).ended(0).stdout_has("note[T0422]: transition `cancel` beats `failed` in ");
    assert!(!xtask(&["check"]).stdout.contains("T0422"), "only on request");
}

#[test]
fn what_is_silenced_is_not_said_and_what_silences_nothing_is() {
    let quiet = |code: &str| {
        let row = "to: connecting,     public: true";
        table(&states().replacen(row, &format!("{row}, allow: {{ {code}: \"a reason\" }}"), 1))
    };
    let (_directory, path) = quiet("T0425");
    let run = xtask(&["check", "--table", &path]).ended(1);
    run.stdout_has("warning[T0603]: `T0425` (`cleanup-forgets`) finds nothing here");

    let (_directory, path) = quiet("T0401");
    xtask(&["check", "--table", &path]).stdout_has("error[T0602]: `T0401` (`ambiguous-transitions`) is an error");
}

#[test]
fn the_result_goes_to_the_file_that_is_named() {
    let (directory, path) = table(&broken());
    let report = directory.path().join("deep/report.txt");
    xtask(&["check", "--table", &path, "-o", report.to_str().expect("the path is UTF-8")]).ended_without_result(1);
    assert!(std::fs::read_to_string(report).expect("the report was written").contains("error["));
}

#[test]
fn a_missing_table_is_status_2() {
    let run = xtask(&["check", "--table", "no-such-table.yaml"]).ended_without_result(2);
    assert!(run.stderr.starts_with("error: cannot read the table `no-such-table.yaml`: "), "{}", run.stderr);
}
