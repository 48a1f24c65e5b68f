//! The same session as it crosses a socket, as `socat` logs it, and as it is typed into `qmp-shell`.

use std::fs;

use migration_table::replay::log::Log;
use serde_json::{Value, json};

use super::recordings::{data, follow, read, recordings, table};

/// What crossed the socket of one process, without our wrapper.
fn raw(name: &str, process: &str) -> Vec<Value> {
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

/// Marks before a line do no harm, and a damaged raw session is refused.
#[test]
fn marks_before_lines_are_passed_over() {
    let table = table("10.0");
    let lines = raw("precopy-tcp-success.jsonl", "source0");
    let marked = |line: &Value| format!("< 2026/01/01 12:00:00.000001  length=1 from=0 to=0\n-> {line}\n");
    let text: String = lines.iter().map(marked).collect();
    assert!(follow(&table, &read(&text)).is_ok());
    let is_device = |line: &Value| line["event"] == "MIGRATION" && line["data"]["status"] == "device";
    let text: String = lines.iter().filter(|line| !is_device(line)).map(marked).collect();
    let (_, error) = follow(&table, &read(&text)).expect_err("`device` is missing");
    assert_eq!(error.to_string(), "no run publishes `completed` here");
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
fn a_bad_line_says_what_is_wrong() {
    for (line, says) in [
        ("{\"execute\": ", "no JSON object: EOF while parsing a value"),
        ("{\"what\": 1}", "neither a command, a reply, an event nor a greeting"),
        ("{\"kind\": \"other\", \"proc\": \"p\", \"name\": \"n\"}", "unknown kind `other`"),
        ("{\"kind\": \"event\", \"name\": \"n\"}", "member `proc` is missing or no text"),
        ("{\"event\": \"MIGRATION\"}", "event `MIGRATION` without a status"),
    ] {
        let error = Log::default().read(line).expect_err("the line makes no sense");
        assert_eq!(error.to_string(), says);
    }
    assert!(Log::default().read("a banner").is_ok_and(|seen| seen.is_none()));
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
            "`destination` may be in `none` (shows `none`)",
            "`source` may be in `device` (shows `device`)",
            "the next status could be `completed` or `failed`",
        ]
    );
}
