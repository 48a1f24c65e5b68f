//! `table`, `show` and `races`: what is asked for, where it goes, and with which exit status. What they say is the
//! library's, and tested there.

use super::run::{broken, root, table, xtask};

#[test]
fn every_machine_is_printed_unless_one_is_named() {
    for command in ["table", "races"] {
        let all = xtask(&[command]).ended_silently(0);
        let one = xtask(&[command, "--machine", "destination"]);
        assert!(all.stdout.starts_with("source: ") && all.stdout.contains("\ndestination: "), "{}", all.stdout);
        assert!(one.stdout.starts_with("destination: ") && all.stdout.ends_with(&one.stdout), "{}", one.stdout);
    }
    for command in ["table", "races", "diagram"] {
        let none = xtask(&[command, "--machine", "sorce"]).ended_without_result(2);
        assert_eq!(none.stderr, "error: the table has no machine `sorce` (it has `source`, `destination`)\n");
    }
}

#[test]
fn text_is_as_wide_as_one_asks_for() {
    for command in [&["table"][..], &["races"], &["show", "active"]] {
        let run = xtask(&[command, &["--width", "90"]].concat()).ended(0);
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 90), "{}", run.stdout);
        assert!(!run.stdout.contains('\u{1b}'), "no colours without a terminal");
    }
}

#[test]
fn markdown_is_tables_with_as_many_cells_in_every_row() {
    for command in ["table", "races"] {
        let run = xtask(&[command, "--format", "markdown"]).ended(0);
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        let mut columns = None;
        let mut tables = 0;
        for line in run.stdout.lines() {
            if line.starts_with("| ") {
                tables += usize::from(columns.is_none());
                assert_eq!(*columns.get_or_insert(cells(line)), cells(line), "{line}");
            } else {
                columns = None;
            }
        }
        assert_eq!(tables, if command == "table" { 4 } else { 2 });
    }
}

#[test]
fn the_result_goes_to_the_file_that_is_named() {
    let (directory, _) = table("");
    let file = directory.path().join("table.md");
    let path = file.to_str().expect("the path is UTF-8");
    xtask(&["table", "--format", "markdown", "-o", path]).ended_without_result(0);
    assert!(
        std::fs::read_to_string(file).expect("the file was written").starts_with("## source: states by triggers\n")
    );
}

#[test]
fn a_name_that_stands_for_several_things_shows_all_of_them() {
    let run = xtask(&["show", "failed"]).ended_silently(0);
    for part in
        ["status `failed` (states.yaml:", "event `failed`", "state `source.failed`", "state `destination.failed`"]
    {
        run.stdout_has(part);
    }
    let own = xtask(&["show", "destination.failed"]);
    assert!(
        !own.stdout.contains("source.failed") && own.stdout.contains("state `destination.failed`"),
        "{}",
        own.stdout
    );
}

#[test]
fn an_unknown_name_is_status_2_with_what_was_meant_and_what_there_is() {
    let run = xtask(&["show", "source.cancle"]).ended_without_result(2);
    assert!(run.stderr.starts_with("error: nothing in `states.yaml` is called `source.cancle`\n"), "{}", run.stderr);
    run.stderr_has("help: did you mean `cancel`?\n");
    assert!(
        run.stderr
            .contains("triggers of `source`: migrate, cancel, continue, start_postcopy, pause, resume, give_up\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_machine_with_too_many_cases_is_named_with_its_line() {
    let path = root().join("crates/migration-table/tests/fixtures/T0307-undecided/fires.yaml");
    let text = std::fs::read_to_string(&path).expect("the fixture is there");
    let line = 1 + text.lines().position(|line| line == "  source:").expect("the machine is declared");
    for command in ["table", "races"] {
        let run = xtask(&[command, "--table", &path.display().to_string()]);
        let expected = format!("what can happen to machine `source` (line {line} of the table) has too many cases");
        assert!(run.status == Some(2) && run.stderr.contains(&expected), "{}", run.stderr);
    }
}

#[test]
fn a_table_that_makes_sense_is_shown_with_its_findings_and_another_is_not() {
    let released = root().join("tests/tables/qemu-10.0.yaml");
    let released = released.to_str().expect("the path is UTF-8");
    let (_directory, path) = table(&broken());
    for command in [&["table"][..], &["races"], &["show", "cancel"]] {
        let run = xtask(&[command, &["--table", released]].concat()).ended(0);
        assert!(run.stderr.starts_with("note: `"), "{}", run.stderr);
        xtask(&[command, &["--table", &path]].concat()).ended_without_result(1).stderr_has("`negotiatign`");
    }
}
