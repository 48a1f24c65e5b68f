//! `step`: a walk that is told what to do by a script or a pipe.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use super::run::{program, root, states, table, xtask};

fn step(script: &str, arguments: &[&str]) -> super::run::Run {
    let (directory, _) = table("");
    let path = directory.path().join("script");
    fs::write(&path, script).expect("the script can be written");
    xtask(&[&["step", path.to_str().expect("the path is UTF-8")], arguments].concat())
}

#[test]
fn a_script_walks_by_names_and_numbers() {
    let run = step("# begin\n1\nconnected\nlate connected\nready\nundo\ncontinue\nwalk\n", &[]).ended_silently(0);
    for part in [
        "source.none  idle: nothing was ever sent\n",
        "source.none> 1\nraise migrate: accept; now connecting; publishes setup\n",
        "source.connecting> connected\nreport connected: fired; now negotiating; sends hello\n",
        "late connected: stale; now negotiating\n",
        "report ready: pending; now negotiating\n",
        "taken back: report ready\n",
        "raise continue: refuse; now negotiating; because the migration is not waiting before the switchover\n",
    ] {
        run.stdout_has(part);
    }
    let walk = "table: states.yaml\nmachine: source\n\nraise migrate -> accept; now connecting; publishes setup\n";
    run.stdout_has(walk);
    assert!(!run.stdout.contains('\u{1b}'), "no colours without a terminal");
}

#[test]
fn a_pipe_is_as_good_as_a_script() {
    let mut command = program();
    command.current_dir(root()).args(["step", "--machine", "destination"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program was built for this test");
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    stdin.write_all(b"incoming\nhello\nquit\nloaded\n").expect("the program reads");
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    let stdout = String::from_utf8(output.stdout).expect("output is UTF-8");
    assert_eq!(output.status.code(), Some(0), "{stdout}");
    assert!(stdout.contains("report hello: fired; now loading; publishes active; sends welcome\n"), "{stdout}");
    assert!(!stdout.contains("loaded: "), "nothing happens after the end\n{stdout}");
}

#[test]
fn everything_that_can_be_done_is_listed_with_what_comes_of_it() {
    let run = step("migrate\nlook\n", &[]);
    for line in [
        "   1  migrate                  refuse: a migration is in progress\n",
        "   2  cancel                   go cancelling, publishes cancelling\n",
        "   8  connected                go negotiating, sends hello\n",
        "  11  pause_before_switchover  set it for the next attempt\n",
        "  guards that hold: none\n",
        "  holds channels\n",
    ] {
        run.stdout_has(line);
    }
}

#[test]
fn a_walk_is_saved_and_its_steps_are_a_script() {
    let (directory, _) = table("");
    let path = |name: &str| directory.path().join(name).to_str().expect("the path is UTF-8").to_owned();
    let (first, second) = (path("first.walk"), path("second.walk"));
    let script = format!("pause_before_switchover\nmigrate\nconnected\nreset\nmigrate\ncancel\nsave {first}\n");
    step(&script, &[]).stdout_has(&format!("saved: {first} (2 steps)\n"));
    let saved = fs::read_to_string(&first).expect("the walk was saved");
    let steps = saved.strip_prefix("table: states.yaml\nmachine: source\n\n").expect("it says what it is about");
    step(steps, &["--save", &second]).ended(0);
    assert_eq!(fs::read_to_string(&second).expect("the walk was saved at its end"), saved);
}

#[test]
fn a_slip_in_a_script_is_status_2_with_its_line() {
    for (script, why) in [
        ("migrate\ncancle\n", "error: line 2: there is no `cancle`: did you mean `cancel`?\n"),
        ("99\n", "error: line 1: there is no number 99: the list goes from 1 to 10\n"),
        ("undo\n", "error: line 1: there is nothing to take back\n"),
        ("raise connected\n", "error: line 1: the machine has no trigger `connected`\n"),
        ("late connected\n", "error: line 1: no evidence can be late: no visit is over yet\n"),
        ("jump high\n", "error: line 1: `jump` is nothing to do (`help` lists what is)\n"),
        ("save\n", "error: line 1: save it under which name? `save NAME`\n"),
    ] {
        let run = step(script, &[]);
        assert_eq!((run.status, run.stderr.as_str()), (Some(2), why));
    }
}

#[test]
fn a_walk_in_a_repository_is_over_a_table_in_one() {
    let (_directory, path) = table(&states());
    step("save never_written\n", &["--table", &path]).ended(2).stderr_has("the table is in no repository");
    assert!(!root().join("never_written.walk").exists());
}

#[test]
fn a_machine_that_may_go_round_for_ever_is_not_walked_over() {
    let text =
        fs::read_to_string(root().join("crates/migration-table/tests/fixtures/T0302-endless-advance/fires.yaml"));
    let (_directory, path) = table(&text.expect("the fixture is there"));
    step("", &["--table", &path]).ended_without_result(1).stderr_has("[T0302]");
}

#[test]
fn what_a_command_needs_is_said_before_and_after_it_is_taken() {
    let text = include_str!("../../src/commands/init/states.yaml");
    let text = text.replacen("start:  { command", "start:  { needs: quick, command", 1);
    let guards = "\nguards:\n  quick: { capability: quick-backup, doc: \"the target is fast\" }\nmachines:";
    let (directory, path) = table(&text.replacen("\nmachines:", guards, 1));
    let script = directory.path().join("script");
    fs::write(&script, "start\nundo\nset quick\nstart\n").expect("the script can be written");
    let run = xtask(&["step", "--table", &path, script.to_str().expect("the path is UTF-8")]).ended_silently(0);
    let refused = "but a host refuses it without quick\n";
    run.stdout_has(&format!("start   go opening, publishes running; {refused}"));
    let said = "raise start: accept; now opening; publishes running";
    run.stdout_has(&format!("{said}\nnote: a host refuses `start` without quick\n"));
    let (_, last) = run.stdout.rsplit_once(said).expect("it is taken");
    assert!(!last.contains("note:"), "{}", run.stdout);
}
