//! The page follows recordings as `cargo xtask replay` does: the same verdict, the same line, the same words.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::run::{root, xtask};
use super::scripts::{Page, tables, whole};

/// Every recording as it is, by every table.
#[test]
fn every_recording_has_the_verdict_that_replay_gives() {
    let recordings = recordings();
    assert!(recordings.len() >= 49, "only {} recordings", recordings.len());
    for table in tables() {
        compare(&table, &recordings, &[], &json!({}));
    }
}

/// Recordings that are damaged, and such that begin in the middle or need a rare event.
#[test]
fn damaged_recordings_have_the_verdict_that_replay_gives() {
    let mut damaged = Vec::new();
    // What damage does is tried on all of them elsewhere; here one in six must do.
    for (name, text) in recordings().into_iter().step_by(6) {
        let lines: Vec<&str> = text.lines().collect();
        let shown: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains("\"MIGRATION\"")).collect();
        let Some(at) = shown.get(shown.len() / 2) else { continue };
        let without: String =
            lines.iter().enumerate().filter(|(index, _)| index != at).map(|(_, line)| format!("{line}\n")).collect();
        damaged.push((format!("{name}-without-{at}"), without));
        damaged.push((format!("{name}-from-{at}"), lines[*at..].iter().map(|line| format!("{line}\n")).collect()));
        damaged.push((format!("{name}-raw"), raw(&lines)));
    }
    compare("tests/tables/qemu-10.0.yaml", &damaged, &[], &json!({}));
    compare("tests/tables/qemu-10.0.yaml", &damaged, &["--attached"], &json!({ "attached": true }));
    // With others who may do anything there is much to follow.
    compare("tests/tables/qemu-10.0.yaml", &damaged[..3], &["--others"], &json!({ "others": true }));
    compare("tests/tables/qemu-11.0.yaml", &recordings(), &["--assume", "resized"], &json!({ "assumed": ["resized"] }));
}

/// The same session in the ways in which programs show it.
#[test]
fn what_programs_write_has_the_verdict_that_replay_gives() {
    let wanted = ["precopy-tcp-success", "cancel-in-active", "postcopy-pause-recover", "destination-killed-precopy"];
    let mut written = Vec::new();
    for (name, text) in recordings().into_iter().filter(|(name, _)| wanted.contains(&name.as_str())) {
        let lines: Vec<&str> = text.lines().collect();
        for (way, text) in in_other_ways(&raw(&lines)) {
            written.push((format!("{name}-{way}-without-an-event"), without_device(&text)));
            written.push((format!("{name}-{way}"), text));
        }
    }
    compare("tests/tables/qemu-10.0.yaml", &written, &[], &json!({}));
    compare("states.yaml", &written, &[], &json!({}));
}

/// A raw session as `socat -v` prints it, on several lines, as a list of Python's, and at the prompt of `qmp-shell`.
fn in_other_ways(raw: &str) -> Vec<(&'static str, String)> {
    let objects: Vec<Value> =
        raw.lines().filter_map(|line| serde_json::from_str(line.split_once(' ')?.1).ok()).collect();
    let is_command = |value: &Value| value.get("execute").or(value.get("exec-oob")).is_some();
    let header = |value: &Value| {
        let mark = if is_command(value) { ">" } else { "<" };
        format!("{mark} 2026/01/01 12:00:00.000001  length=1 from=0 to=0\n{value}\\r\n")
    };
    let python = |value: &Value| {
        let text = value.to_string();
        text.replace('"', "'").replace("true", "True").replace("false", "False").replace("null", "None") + "\n"
    };
    let typed = |value: &Value| match (value["execute"].as_str(), value["arguments"].as_object()) {
        (Some(name), Some(arguments)) => {
            let words: String = arguments.iter().map(|(key, value)| format!(" {key}={}", word(value))).collect();
            format!("(QEMU) {name}{words}\n")
        }
        (Some(name), None) => format!("(QEMU) {name}\n"),
        (None, _) => {
            let mut reply = value.clone();
            reply.as_object_mut().map(|members| members.remove("id"));
            if value.get("event").is_some() { python(&reply) } else { format!("{reply:#}\n") }
        }
    };
    let one = |write: &dyn Fn(&Value) -> String| objects.iter().map(write).collect::<String>();
    vec![
        ("socat", one(&header)),
        ("pretty", one(&|value| format!("{value:#}\n"))),
        ("on-one-line", one(&|value| format!("{value} "))),
        ("envelope", one(&|value| format!("{}\n", json!({ "time": 1, "message": value })))),
        ("shell", one(&typed)),
    ]
}

/// A value as one types it.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The text without the first event that says `device`.
fn without_device(text: &str) -> String {
    text.replacen("\"device\"", "\"colo\"", 1).replacen("'device'", "'colo'", 1)
}

/// What crossed the socket of the first process, without the wrapper, and with marks before each line.
fn raw(lines: &[&str]) -> String {
    let mut text = "> {\"QMP\": {\"version\": {}, \"capabilities\": []}}\n".to_owned();
    for line in lines {
        let line: Value = serde_json::from_str(line).expect("a recording is JSON");
        let inner = match line["kind"].as_str() {
            _ if line["proc"] != "source0" => continue,
            Some("command") if line["data"]["oob"] == true => {
                json!({ "exec-oob": line["name"], "arguments": line["data"]["arguments"], "id": line["name"] })
            }
            Some("command") => {
                json!({ "execute": line["name"], "arguments": line["data"]["arguments"], "id": line["name"] })
            }
            Some("return") => {
                let mut reply = line["data"].clone();
                reply["id"] = line["name"].clone();
                reply
            }
            Some("event") => json!({ "event": line["name"], "data": line["data"] }),
            _ => continue,
        };
        text += &format!("<- {inner}\n");
    }
    text
}

fn compare(table: &str, recordings: &[(String, String)], arguments: &[&str], options: &Value) {
    let directory = TempDir::new().expect("a directory can be made");
    let path = |name: &str| directory.path().join(name).display().to_string();
    let mut command: Vec<String> = vec!["replay".to_owned(), "--table".to_owned(), whole(table)];
    command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    for (name, text) in recordings {
        fs::write(path(name), text).expect("the directory can be written to");
        command.push(path(name));
    }
    let run = xtask(&command.iter().map(String::as_str).collect::<Vec<_>>());
    let expected = run.stdout.replace(&whole(table), table);
    let named = recordings.iter().map(|(name, text)| json!({ "name": path(name), "text": text }));
    let argument = json!({ "recordings": named.collect::<Vec<_>>(), "options": options });
    for (engine, answer) in Page::of(&whole(table)).drive("replays", &argument) {
        let said: String = answer.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (page, replay) in said.lines().zip(expected.lines()) {
            assert_eq!(page, replay, "{table}, {engine}");
        }
        assert_eq!(said, expected, "{table}, {engine}");
    }
}

/// All recordings, in the order of their names.
fn recordings() -> Vec<(String, String)> {
    let folder = fs::read_dir(root().join("tests/data/traces")).expect("there are recordings");
    let mut paths: Vec<_> = folder.map(|entry| entry.expect("an entry can be read").path()).collect();
    paths.sort();
    let name = |path: &Path| path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).expect("a recording is text"))).collect()
}
