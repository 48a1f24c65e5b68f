//! `replay`: recordings, bad lines, and a live socket.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixListener;
use std::thread;

use tempfile::TempDir;

use super::run::{root, xtask};

fn table() -> String {
    root().join("tests/tables/qemu-10.0.yaml").display().to_string()
}

fn recording() -> String {
    root().join("tests/data/traces/precopy-tcp-success.jsonl").display().to_string()
}

#[test]
fn a_run_is_status_0() {
    let run = xtask(&["replay", "--table", &table(), &recording()]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    assert!(run.stdout.contains("precopy-tcp-success.jsonl: a run of `"), "{}", run.stdout);
}

#[test]
fn what_is_not_explained_is_said_with_its_line_and_is_status_1() {
    let directory = TempDir::new().expect("a directory can be made");
    let path = directory.path().join("damaged.jsonl");
    let text = std::fs::read_to_string(recording()).expect("there is such a recording");
    let is_device = |line: &&str| !line.contains("\"status\": \"device\"");
    let damaged: String = text.lines().filter(is_device).map(|line| format!("{line}\n")).collect();
    std::fs::write(&path, &damaged).expect("the directory can be written to");
    let number = damaged.lines().position(|line| line.contains("\"completed\"")).expect("it completes") + 1;
    let path = path.display().to_string();
    let run = xtask(&["replay", "--table", &table(), &path]);
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    let first = format!(
        "{path}:{number}: event `MIGRATION` with status `completed` of `source0` is not explained: \
         no run publishes `completed` here\n"
    );
    assert!(run.stdout.starts_with(&first), "{}", run.stdout);
    assert!(run.stdout.contains("  `source` may be in `active` (shows `active`)\n"), "{}", run.stdout);
    assert!(run.stdout.contains("  the next status could be `device` or `failed`\n"), "{}", run.stdout);
}

#[test]
fn bad_lines_are_named_and_are_status_2() {
    let directory = TempDir::new().expect("a directory can be made");
    let path = directory.path().join("cut.jsonl");
    let text = std::fs::read_to_string(recording()).expect("there is such a recording");
    let (first, rest) = text.split_once('\n').expect("there are several lines");
    std::fs::write(&path, format!("{}\n{rest}", &first[..first.len() - 5])).expect("the directory can be written to");
    let path = path.display().to_string();
    let run = xtask(&["replay", "--table", &table(), &path]);
    assert_eq!(run.status, Some(2), "{}", run.stdout);
    assert!(run.stderr.starts_with(&format!("{path}:1: no JSON object: it has no end\n")), "{}", run.stderr);
    let run = xtask(&["replay", "--table", &table(), "/nowhere/at/all"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""));
    let run = xtask(&["replay", "--table", &table(), "--assume", "sent", &recording()]);
    assert_eq!(run.status, Some(2), "{}", run.stdout);
    assert!(run.stderr.contains("`sent` is no rare event"), "{}", run.stderr);
}

/// Whoever recorded it was stopped; what is there is judged.
#[test]
fn a_recording_that_is_cut_off_is_a_run_as_far_as_it_goes() {
    let directory = TempDir::new().expect("a directory can be made");
    let path = directory.path().join("cut.jsonl");
    let text = std::fs::read_to_string(recording()).expect("there is such a recording");
    std::fs::write(&path, &text[..text.trim_end().len() - 5]).expect("the directory can be written to");
    let path = path.display().to_string();
    let run = xtask(&["replay", "--table", &table(), &path]);
    assert_eq!(run.status, Some(0), "{}", run.stdout);
    let expected = format!("{path}:{}: the recording ends in the middle of this\n", text.lines().count());
    assert_eq!(run.stderr, expected);
}

/// The screen of `qmp-shell`, which shows events when it is asked for them.
#[test]
fn events_that_come_late_are_judged_by_their_order() {
    let directory = TempDir::new().expect("a directory can be made");
    let path = directory.path().join("screen");
    let screen = |events: [&str; 3]| {
        let event = |status: &str| format!("{{'event': 'MIGRATION', 'data': {{'status': '{status}'}}}}\n");
        format!(
            "(QEMU) migrate-set-capabilities capabilities=[{{\"capability\":\"events\",\"state\":true}}]\n\
             {{\"return\": {{}}}}\n(QEMU) migrate uri=tcp:127.0.0.1:4444\n{{\"return\": {{}}}}\n\
             (QEMU) migrate_cancel\n{{\"return\": {{}}}}\n\
             (QEMU) query-migrate\n{{\"return\": {{\"status\": \"cancelled\"}}}}\n(QEMU) \n{}",
            events.map(event).concat()
        )
    };
    let judge = |events| {
        std::fs::write(&path, screen(events)).expect("the directory can be written to");
        xtask(&["replay", "--table", &table(), &path.display().to_string()])
    };
    let run = judge(["setup", "cancelling", "cancelled"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    let run = judge(["setup", "cancelled", "cancelling"]);
    assert_eq!(run.status, Some(1), "{}", run.stdout);
    assert!(run.stdout.contains("no run publishes `cancelled` here"), "{}", run.stdout);
}

/// Somebody who only looks on sees what others' commands lead to.
#[test]
fn events_without_commands_are_those_of_others() {
    let directory = TempDir::new().expect("a directory can be made");
    let path = directory.path().join("events");
    let judge = |statuses: &[&str], more: &[&str]| {
        let event = |status: &&str| format!("{{\"event\": \"MIGRATION\", \"data\": {{\"status\": \"{status}\"}}}}\n");
        let text: String = statuses.iter().map(event).collect();
        std::fs::write(&path, format!("{{\"execute\": \"qmp_capabilities\"}}\n{{\"return\": {{}}}}\n{text}"))
            .expect("the directory can be written to");
        let (table, path) = (table(), path.display().to_string());
        xtask(&[&["replay", "--table", &table, &path], more].concat())
    };
    for statuses in [&["setup", "active", "device", "completed", "setup"][..], &["device", "completed"]] {
        let run = judge(statuses, &[]);
        assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    }
    for statuses in [&["setup", "device"][..], &["completed", "active"]] {
        let run = judge(statuses, &[]);
        assert_eq!(run.status, Some(1), "{}", run.stdout);
    }
    let run = judge(&["setup", "active"], &["--others", "--attached"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
}

#[test]
fn a_live_process_is_followed() {
    let run = follow(&["device", "completed", "setup"]);
    assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.ends_with("is gone; all that it did is explained\n"), "{}", run.stdout);
    let run = follow(&["device", "active"]);
    assert_eq!(run.status, Some(1), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("no run publishes `active` here\n"), "{}", run.stdout);
}

/// Follows a process that shows `active` and then publishes these statuses.
fn follow(statuses: &'static [&'static str]) -> super::run::Run {
    let directory = TempDir::new().expect("a directory can be made");
    let path = directory.path().join("qmp");
    let listener = UnixListener::bind(&path).expect("the directory can be written to");
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody connects");
        let mut commands = BufReader::new(stream.try_clone().expect("a socket can be cloned")).lines();
        let mut say = |line: &str| writeln!(stream, "{line}");
        say("{\"QMP\": {}}").expect("the greeting is read");
        for reply in ["{}", "[{\"capability\": \"events\", \"state\": true}]", "{\"status\": \"active\"}"] {
            let command = commands.next().expect("a command comes").expect("it is read");
            let command: serde_json::Value = serde_json::from_str(&command).expect("it is JSON");
            say(&format!("{{\"return\": {reply}, \"id\": {}}}", command["id"])).expect("the reply is read");
        }
        // The follower may hang up as soon as something is not explained.
        for status in statuses {
            let _ = say(&format!("{{\"event\": \"MIGRATION\", \"data\": {{\"status\": \"{status}\"}}}}"));
        }
    });
    let run = xtask(&["replay", "--table", &table(), "--follow", &path.display().to_string()]);
    server.join().expect("the server does not panic");
    run
}
