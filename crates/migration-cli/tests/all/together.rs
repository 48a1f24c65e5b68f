//! `replay --together`: the recordings of a source and of its destination, judged as one system.

use std::fmt::Write as _;
use std::fs;

use tempfile::TempDir;

use super::run::{Run, file, xtask};

/// A recording: a command, and the statuses that follow it, each with its time in milliseconds.
fn recording(command: &str, statuses: &[(i64, &str)]) -> String {
    let mut text = String::from(
        "{\"execute\": \"migrate-set-capabilities\", \"arguments\": {\"capabilities\": [{\"capability\": \"events\", \
         \"state\": true}]}}\n{\"return\": {}}\n",
    );
    let _ = writeln!(text, "{{\"execute\": \"{command}\", \"arguments\": {{\"uri\": \"tcp:x:1\"}}}}");
    for (number, (ms, status)) in statuses.iter().enumerate() {
        let (seconds, micros) = (1_720_000_000 + ms.div_euclid(1000), ms.rem_euclid(1000) * 1000);
        let _ = writeln!(
            text,
            "{{\"timestamp\": {{\"seconds\": {seconds}, \"microseconds\": {micros}}}, \"event\": \"MIGRATION\", \
             \"data\": {{\"status\": \"{status}\"}}}}"
        );
        if number == 0 {
            text.push_str("{\"return\": {}}\n");
        }
    }
    text
}

/// Follows both sides of a migration that succeeds. The clock of the destination is ahead by so many milliseconds.
fn both(ahead_ms: i64, more: &[&str]) -> Run {
    let directory = TempDir::new().expect("a directory can be made");
    let source = [(10_000, "setup"), (10_300, "active"), (12_000, "device"), (12_200, "completed")];
    let destination = [(9_900, "setup"), (10_100, "active"), (12_100, "completed")];
    let destination = destination.map(|(ms, status)| (ms + ahead_ms, status));
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).expect("the directory can be written to");
        path.to_str().expect("the path is UTF-8").to_owned()
    };
    let (source, destination) = (
        write("source.log", &recording("migrate", &source)),
        write("destination.log", &recording("migrate-incoming", &destination)),
    );
    xtask(&[&["replay", "--together", source.as_str(), destination.as_str()], more].concat())
}

#[test]
fn lines_and_observations_of_all_recordings_are_counted() {
    let run = both(0, &[]).ended_silently(0);
    let counted = "together a run of `states.yaml` (15 lines, 15 observations, 2 processes)\n";
    assert!(run.stdout.ends_with(counted), "{}", run.stdout);
}

#[test]
fn clocks_that_are_too_far_apart_are_said_with_the_option_that_allows_for_them() {
    for ahead_ms in [3_000, -3_000] {
        let run = both(ahead_ms, &[]).ended_silently(1);
        for part in ["no other process can have sent ", "more than 1000 ms apart, allow for it with `--skew-ms MS`\n"] {
            run.stdout_has(part);
        }
        assert_eq!(both(ahead_ms, &["--skew-ms", "2000"]).status, Some(1));
        both(ahead_ms, &["--skew-ms", "4000"]).ended_silently(0);
    }
}

/// Who looks on sees neither how the processes began nor their commands, so each can have sent anything long ago.
#[test]
fn events_alone_are_not_judged_across_processes_and_that_is_said() {
    let event = |process: &str, at: f64, status: &str| {
        format!(
            "{{\"ts\": {at}, \"proc\": \"{process}\", \"kind\": \"event\", \"name\": \"MIGRATION\", \"data\": {{\"status\": \
             \"{status}\"}}}}\n"
        )
    };
    let text = event("destination", 0.3, "setup")
        + &event("destination", 0.5, "active")
        + &event("source", 10.3, "setup")
        + &event("source", 10.5, "active");
    let (_directory, path) = file("events.jsonl", &text);
    let run = xtask(&["replay", "--together", &path]).ended(2);
    assert!(run.stderr.starts_with("nothing is judged across processes: "), "{}", run.stderr);
    run.stdout_has(": each process by itself a run of ");
}
