//! However a session was written down, the same is read from it as crossed the socket, and nothing else.

use std::fmt::Write as _;

use migration_replay::Observation;
use migration_replay::log::Log;
use serde_json::Value;

use super::formats::raw;
use super::recordings::{follow, read, recordings, table};

/// The sessions of all recordings, by name, as lines that crossed a socket.
fn sessions() -> impl Iterator<Item = (String, Vec<Value>)> {
    let session = |name: String, process: &str| {
        let lines = raw(&format!("{name}.jsonl"), process);
        (format!("{name} of {process}"), lines)
    };
    recordings().into_iter().flat_map(move |recording| {
        ["source0", "destination0"].into_iter().map(move |process| session(recording.name.clone(), process))
    })
}

fn observations(text: &str) -> Vec<Observation> {
    read(text).into_iter().map(|seen| seen.observation).collect()
}

fn plain(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Reads every session as it was, and in a style, and compares.
fn check(style: fn(&[Value]) -> String) {
    let mut count = 0;
    for (name, lines) in sessions() {
        let (as_it_was, styled) = (observations(&plain(&lines)), style(&lines));
        assert_eq!(observations(&styled), as_it_was, "{name}:\n{styled}");
        count += as_it_was.len();
    }
    assert!(count > 1_500, "{count}");
}

#[test]
fn with_the_ends_of_lines_that_qemu_sends() {
    check(|lines| lines.iter().map(|line| format!("{line}\r\n\r\n")).collect());
}

#[test]
fn several_on_one_line() {
    check(|lines| {
        lines.chunks(3).map(|lines| lines.iter().map(|line| format!("{line} ")).collect::<String>()).collect()
    });
    check(|lines| serde_json::to_string(lines).expect("values are JSON"));
}

#[test]
fn one_on_several_lines() {
    fn pretty(line: &Value) -> String {
        serde_json::to_string_pretty(line).expect("a value is JSON")
    }
    check(|lines| lines.iter().map(|line| pretty(line) + "\n").collect());
    check(|lines| lines.iter().map(|line| pretty(line).replace('\n', "\r\n")).collect());
}

#[test]
fn with_times_and_marks_before_them() {
    let mark = |line: &Value| if line.get("execute").is_some() { "-> " } else { "<- " }.to_owned();
    check(|lines| lines.iter().map(|line| format!("[2026-01-01T12:00:00.5Z] qmp<{}>: {line};\n", 7)).collect());
    let (_, lines) = sessions().next().expect("there are sessions");
    let text: String = lines.iter().map(|line| mark(line) + &line.to_string() + "\n").collect();
    assert_eq!(observations(&text), observations(&plain(&lines)));
}

/// What `socat -v` prints, commands and replies in pieces of their own; and besides what it passes on, once more.
#[test]
fn as_socat_prints_it() {
    fn socat(lines: &[Value], copies: bool) -> String {
        let mut text = String::new();
        for (number, line) in lines.iter().enumerate() {
            let is_command = line.get("execute").is_some() || line.get("exec-oob").is_some();
            let (way, end) = if is_command { ('>', "\n") } else { ('<', "\\r\n") };
            let header = |length: usize| {
                format!("{way} 2026/01/01 12:00:{:02}.000{number:06}  length={length} from=0 to=9\n", number % 60)
            };
            let line = line.to_string();
            let escaped = line.replace('\\', "\\\\");
            // Some arrive in two pieces, with another header in the middle.
            let cut = if number % 5 == 0 { escaped.find(": ").unwrap_or(10) } else { 0 };
            let cut = (0..=cut).rev().find(|at| escaped.is_char_boundary(*at)).unwrap_or(0);
            let first = if cut > 0 { header(cut) + &escaped[..cut] } else { String::new() };
            let _ = write!(text, "{first}{}{}{end}", header(line.len() - cut), &escaped[cut..]);
            if copies && !is_command {
                let _ = write!(text, "{line}\r\n");
            }
        }
        text
    }
    check(|lines| socat(lines, false));
    check(|lines| socat(lines, true));
}

/// In an envelope of somebody else's.
#[test]
fn in_envelopes() {
    check(|lines| {
        let envelope = |line: &Value| format!("{}\n", serde_json::json!({ "at": 1.5, "way": "in", "message": line }));
        lines.iter().map(envelope).collect()
    });
}

/// The screen of `qmp-shell -v` in a terminal: what is typed, what is sent, and what comes. Commands have no ids there.
#[test]
fn on_the_screen_of_qmp_shell() {
    fn screen(lines: &[Value], show: fn(&Value) -> String) -> String {
        let mut text = "Welcome to the QMP low-level shell!\r\nConnected to QEMU 10.0.2\r\n\r\n".to_owned();
        for line in &lines[1..] {
            let mut line = line.clone();
            let is_event = line.get("event").is_some();
            line.as_object_mut().expect("a line is an object").remove("id");
            match line.get("execute").and_then(Value::as_str) {
                Some(name) => {
                    let _ = write!(text, "\u{1b}[?2004h(QEMU) {name}");
                    for (key, value) in line["arguments"].as_object().into_iter().flatten() {
                        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                        let _ = write!(text, " {key}={value}");
                    }
                    let _ = write!(text, "\r\n\u{1b}[?2004l\r{}\r\n", show(&line));
                }
                // An empty line at the prompt shows the events.
                None if is_event => {
                    let _ = write!(text, "(QEMU) \r\n{}\r\n", python(&line));
                }
                None => {
                    let _ = write!(text, "{}\r\n", show(&line));
                }
            }
        }
        text
    }
    fn python(value: &Value) -> String {
        match value {
            Value::Null => "None".to_owned(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
            Value::Array(values) => format!("[{}]", values.iter().map(python).collect::<Vec<_>>().join(", ")),
            Value::Object(members) => {
                let member = |(key, value): (&String, &Value)| format!("'{key}': {}", python(value));
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
            }
        }
    }
    // It sends one command at a time, and none out of band.
    let fits = |lines: &[Value]| lines.iter().all(|line| line.get("exec-oob").is_none());
    let mut count = 0;
    for (name, lines) in sessions().filter(|(_, lines)| fits(lines)) {
        let as_it_was = observations(&plain(&lines));
        for show in [|line: &Value| line.to_string(), |line: &Value| serde_json::to_string_pretty(line).unwrap()] {
            let styled = screen(&lines, show);
            assert_eq!(observations(&styled), as_it_was, "{name}:\n{styled}");
        }
        count += 1;
    }
    assert!(count > 40, "{count}");
}

/// The file that `qmp-shell` keeps holds a command and its reply in one object, and no events.
#[test]
fn in_the_file_of_qmp_shell() {
    let table = table("10.0");
    for (name, lines) in sessions() {
        let mut commands: Vec<Value> = Vec::new();
        let mut text = String::new();
        let mut replies = 0;
        for line in lines.iter().filter(|line| line.get("event").is_none()) {
            if line.get("execute").is_some() || line.get("exec-oob").is_some() {
                commands.push(line.clone());
            } else if let Some(at) = commands.iter().position(|command| command["id"] == line["id"]) {
                let mut both = commands.remove(at);
                both.as_object_mut().unwrap().extend(line.as_object().unwrap().clone());
                both.as_object_mut().unwrap().remove("id");
                let _ = writeln!(text, "{both}");
                replies += 1;
            }
        }
        let seen = read(&text);
        assert_eq!(seen.len(), 2 * replies, "{name}:\n{text}");
        let is_reply = |seen: &migration_replay::log::Seen| matches!(seen.observation, Observation::Reply { .. });
        assert_eq!(seen.iter().filter(|seen| is_reply(seen)).count(), replies, "{name}");
    }
    let text = "{\"execute\": \"migrate_cancel\", \"arguments\": {}, \"return\": {}}\n\
                {\"execute\": \"query-migrate\", \"arguments\": {}, \"return\": {\"status\": \"colo\"}}\n";
    assert!(follow(&table, &read(text)).is_err());
}

/// The screen of `qmp-shell -H`: what people's commands say is not told from the rest.
#[test]
fn commands_for_people() {
    let table = table("10.0");
    let text = "Welcome to the HMP shell!\nConnected to QEMU 10.0.2\n\n\
                (QEMU) migrate_set_capability events on\n\
                (QEMU) migrate -d tcp:127.0.0.1:4444\n\
                (QEMU) migrate_cancel\n\
                (QEMU) info migrate\nMigration status: cancelled\n \
                (QEMU) \n{'event': 'MIGRATION', 'data': {'status': 'setup'}}\n";
    let seen = read(text);
    let words: Vec<&str> = seen.iter().map(|seen| seen.words.as_str()).collect();
    assert_eq!(words.iter().filter(|words| words.contains("(human monitor)")).count(), 8, "{words:?}");
    assert!(follow(&table, &seen[..2]).is_ok());
}

/// Whoever recorded it was stopped in the middle of something.
#[test]
fn a_recording_that_is_cut_off() {
    let (_, lines) = sessions().next().expect("there are sessions");
    let text = plain(&lines);
    let (whole, last) = text.trim_end().rsplit_once('\n').expect("there are several lines");
    for length in 1..last.len() {
        let cut = format!("{whole}\n{}", &last[..length]);
        let mut log = Log::default();
        let seen = cut.lines().flat_map(|line| log.read(line)).map(|seen| seen.expect("nothing is wrong with it"));
        assert_eq!(seen.count(), observations(whole).len(), "{cut}");
        assert_eq!(log.finish(), Some(lines.len()), "{cut}");
    }
}
