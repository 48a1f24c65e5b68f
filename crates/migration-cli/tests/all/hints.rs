//! The way out that messages show: commands that can be pasted, names that were meant, and what a file must hold.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::run::{Run, git, program, xtask_in};

/// A directory with the table of `init` under another name, so that commands have to name it.
fn directory() -> TempDir {
    let directory = TempDir::new().expect("a directory can be made");
    assert_eq!(xtask_in(directory.path(), &["init"]).status, Some(0));
    fs::rename(directory.path().join("states.yaml"), directory.path().join("my backup.yaml")).expect("it was written");
    directory
}

/// Runs a command on the table of [`directory`].
fn run(here: &Path, arguments: &[&str]) -> Run {
    xtask_in(here, &[arguments, &["--table", "my backup.yaml"]].concat())
}

fn write(here: &Path, name: &str, text: &str) {
    fs::write(here.join(name), text).expect("the directory can be written to");
}

const WALK: &str = "table: my backup.yaml\nmachine: writer\n\n\
                    raise start -> accept; now opening; publishes running\n\
                    report opened -> fired; now opening\n";

#[test]
fn commands_in_messages_name_the_program_and_the_table() {
    let directory = directory();
    let here = directory.path();
    write(here, "diary", "dear diary\n");
    write(here, "old.walk", WALK);
    for (arguments, command) in [
        (&["replay", "diary"][..], "`migration-table replay --formats --table 'my backup.yaml'`"),
        (&["replay", "--together", "diary"], "`migration-table replay --formats --table 'my backup.yaml'`"),
        (&["coverage", "diary"], "`migration-table replay --formats --table 'my backup.yaml'`"),
        (&["mutate", "--walks", "old.walk"], "`migration-table coverage old.walk --table 'my backup.yaml'`"),
    ] {
        run(here, arguments).ended(2).stderr_has(command);
    }
}

#[test]
fn a_script_that_is_no_walk_is_told_what_a_walk_holds() {
    let directory = directory();
    write(directory.path(), "script", "start\nopened\n");
    let said = run(directory.path(), &["coverage", "script"]).ended(2);
    let part = "a walk begins with `table:` and `machine:`, as `migration-table step SCRIPT --save FILE --table 'my backup.yaml'`";
    said.stderr_has(part);
}

#[test]
fn a_step_that_comes_out_differently_is_told_once() {
    let directory = directory();
    write(directory.path(), "old.walk", WALK);
    let said = run(directory.path(), &["coverage", "old.walk"]).ended_silently(1);
    let different = "old.walk: comes out differently\n  saved: report opened -> fired; now opening\n  \
                     now:   report opened -> fired; now writing\n";
    assert!(said.stdout.starts_with(different), "{}", said.stdout);
    // A picture has no room for it.
    let drawn = run(directory.path(), &["diagram", "coverage", "old.walk"]);
    drawn.stderr_has("old.walk: the walk says `report opened -> fired; now opening`");
}

#[test]
fn names_that_are_spelled_wrong_are_met_with_those_that_are_meant() {
    let directory = directory();
    let here = directory.path();
    for (script, why) in [
        ("raise strt\n", "error: line 1: the machine has no trigger `strt`: did you mean `start`?\n"),
        ("late openned\n", "error: line 1: the machine has no event `openned`: did you mean `opened`?\n"),
    ] {
        write(here, "script", script);
        let said = run(here, &["step", "script"]);
        assert_eq!((said.status, said.stderr.as_str()), (Some(2), why));
    }
    for (name, meant) in [("statsu-removed", "status-removed"), ("ambigous-transitions", "ambiguous-transitions")] {
        xtask_in(here, &["explain", name]).ended(2).stderr_has(&format!(": did you mean `{meant}`?"));
    }
}

#[test]
fn a_walk_is_saved_under_a_name_with_a_space() {
    let directory = directory();
    let here = directory.path();
    write(here, "script", "start\nsave a b\n");
    let said = run(here, &["step", "script"]);
    let why = "error: line 2: a name with a space stands in quotes: `save \"a b\"`\n";
    assert_eq!((said.status, said.stderr.as_str()), (Some(2), why));
    for quoted in ["\"a b\"", "'c d.walk'"] {
        write(here, "script", &format!("start\nsave {quoted}\n"));
        run(here, &["step", "script"]).ended_silently(0);
    }
    assert!(here.join("a b.walk").is_file() && here.join("c d.walk").is_file());
}

#[test]
fn standard_input_is_read_once_only() {
    let directory = directory();
    let here = directory.path();
    for arguments in [
        &["check", "-", "-"][..],
        &["replay", "--table", "-", "-"],
        &["coverage", "--table", "my backup.yaml", "-", "-"],
    ] {
        let said = program().args(arguments).current_dir(here).output().expect("the program was built for this test");
        let stderr = String::from_utf8_lossy(&said.stderr);
        assert_eq!(said.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("`-` is named twice, and standard input can be read once only"), "{stderr}");
    }
}

/// The words in capitals in the command that approves are to be replaced; the error says which one was not.
#[test]
fn a_command_that_was_not_filled_in_is_an_error_that_names_the_option() {
    let directory = directory();
    let arguments = ["api", "bless", "--approve", "a: b", "--reason", "WHY", "--link", "URL", "--until", "VERSION"];
    let said = run(directory.path(), &arguments).ended(2);
    assert!(said.stderr.contains("--until") && said.stderr.contains("`VERSION` is not a version"), "{}", said.stderr);
}

/// What is committed has no path of the person who began it.
#[test]
fn the_first_table_names_the_program_as_the_workflow_does() {
    let directory = TempDir::new().expect("a directory can be made");
    let here = directory.path();
    git(here, &["init", "--quiet"]);
    for folder in [".", "x y"] {
        let binary = env!("CARGO_BIN_EXE_migration-table");
        let run = std::process::Command::new(binary).args(["init", folder]).current_dir(here).output();
        let run = run.expect("the program was built for this test");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let table = fs::read_to_string(here.join(folder).join("states.yaml")).expect("it was written");
        let command =
            if folder == "." { "`migration-table check`" } else { "`migration-table check --table 'x y/states.yaml'`" };
        let head = table.lines().nth(1).expect("the table has a head");
        assert!(head.contains(command) && !head.contains(binary), "{head}");
        fs::remove_file(here.join(".github/workflows/states.yml")).expect("it was written");
    }
}
