//! The same session as it crosses a socket, as `socat` logs it, and as it is typed into `qmp-shell`.

use std::fs;

use migration_replay::log::Log;
use serde_json::{Value, json};

use super::recordings::{data, follow, read, recordings, table};

/// What crossed the socket of one process, without our wrapper.
pub(super) fn raw(name: &str, process: &str) -> Vec<Value> {
    let text = fs::read_to_string(data("data/traces").join(name)).expect("there is such a recording");
    let mut lines = vec![json!({ "QMP": { "version": {}, "capabilities": ["oob"] } })];
    let mut ids = Vec::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("a recording is JSON");
        if line["proc"] != process {
            continue;
        }
        match line["kind"].as_str() {
            Some("command") => {
                let key = if line["data"]["oob"] == true { "exec-oob" } else { "execute" };
                let id = format!("id-{}", lines.len());
                lines.push(json!({ key: line["name"], "arguments": line["data"]["arguments"], "id": id }));
                ids.push((line["name"].clone(), id));
            }
            Some("return") => {
                let at = ids.iter().position(|(name, _)| *name == line["name"]).expect("a reply has a command");
                let mut reply = line["data"].clone();
                reply["id"] = json!(ids.remove(at).1);
                lines.push(reply);
            }
            Some("event") => lines.push(json!({ "event": line["name"], "data": line["data"] })),
            _ => {}
        }
    }
    lines
}

#[test]
fn every_recording_is_a_run_without_the_wrapper() {
    let table = table("10.0");
    for recording in recordings() {
        for process in ["source0", "destination0"] {
            let lines = raw(&format!("{}.jsonl", recording.name), process);
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            if let Err((line, error)) = follow(&table, &read(&text)) {
                panic!("{} of {process}, {line}: {error}\n{}", recording.name, error.instead().join("\n"));
            }
        }
    }
}

#[test]
fn commands_can_be_typed() {
    let text = "Welcome to the QMP low-level shell!\n\
                (QEMU) migrate-set-capabilities capabilities=[{\"capability\":\"events\",\"state\":true}]\n\
                {\"return\": {}}\n\
                (QEMU) migrate uri=tcp:127.0.0.1:4444\n\
                {\"event\": \"MIGRATION\", \"data\": {\"status\": \"setup\"}}\n\
                {\"return\": {}}\n\
                {\"event\": \"MIGRATION\", \"data\": {\"status\": \"active\"}}\n\
                (QEMU) human-monitor-command command-line=migrate_cancel\n\
                {\"event\": \"MIGRATION\", \"data\": {\"status\": \"cancelling\"}}\n\
                {\"return\": \"\"}\n\
                {\"event\": \"MIGRATION\", \"data\": {\"status\": \"cancelled\"}}\n";
    let table = table("10.0");
    if let Err((line, error)) = follow(&table, &read(text)) {
        panic!("{line}: {error}\n{}", error.instead().join("\n"));
    }
    let text = text.replace("cancelled", "completed");
    assert!(follow(&table, &read(&text)).is_err());
}

#[test]
fn what_makes_no_sense_is_said_with_its_line() {
    for (line, says) in [
        ("{\"execute\": }", "no JSON object: expected value"),
        ("{\"event\": \"MIGRATION\"}", "event `MIGRATION` without a status"),
        ("{\"event\":\n{\"return\": {}}", "no JSON object: it has no end"),
    ] {
        let mut log = Log::default();
        let bad: Vec<_> = format!("a banner\n{line}\n").lines().flat_map(|line| log.read(line)).collect();
        let [Err(error)] = &bad[..] else { panic!("{line}: {bad:?}") };
        assert_eq!((error.line, error.to_string().as_str()), (2, says), "{line}");
        assert_eq!(log.finish(), None, "{line}");
    }
    for line in ["a banner", "", "uptime {days}", "}{", "(QEMU)"] {
        assert!(Log::default().read(line).is_empty(), "{line}");
    }
}

/// What was possible instead is said in the words of the table.
#[test]
fn a_refusal_says_what_was_possible() {
    let table = table("10.0");
    let text = fs::read_to_string(data("data/traces/precopy-tcp-success.jsonl")).expect("there is such a recording");
    let text = text.replacen("{\"status\": \"completed\"", "{\"status\": \"colo\"", 1);
    let seen = read(&text);
    let (line, error) = follow(&table, &seen).expect_err("`colo` is explained");
    assert_eq!(seen[line].words, "event `MIGRATION` with status `colo`");
    assert_eq!(error.to_string(), "no run publishes `colo` here");
    assert_eq!(
        error.instead(),
        [
            "`destination` may be in `none` (shows `none` or no status)",
            "`source` may be in `device` (shows `device`)",
            "the next status could be `completed` or `failed`",
        ]
    );
}
