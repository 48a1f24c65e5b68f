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
    for (name, text) in recordings() {
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
    compare("tests/tables/qemu-11.0.yaml", &recordings(), &["--assume", "resized"], &json!({ "assumed": ["resized"] }));
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
    for (engine, answer) in Page::new(&["--table", &whole(table)]).drive("replays", &argument) {
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
