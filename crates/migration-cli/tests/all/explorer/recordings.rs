//! Recordings in the page: each plays with the verdict of `replay`, in the same words.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::run::{file, names_in, root, xtask};
use super::scripts::{Page, tables, whole};

const VERDICT: &str = "document.getElementById('verdict')?.textContent ?? ''";
const LINE: &str = "document.querySelector('#lines [aria-current] .place').textContent";
const QEMU: &str = "tests/tables/qemu-10.0.yaml";
const COMPLETED: &str = "tests/data/traces/precopy-tcp-success.jsonl";

/// The paths of all recordings, in order.
fn all() -> Vec<String> {
    let folder = root().join("tests/data/traces");
    names_in(&folder).iter().map(|name| folder.join(name).display().to_string()).collect()
}

/// The page that plays these recordings.
fn page(table: &str, logs: &[&str]) -> Page {
    Page::new(&[&["--table", &whole(table)], logs].concat())
}

/// What `replay` says of a recording whose verdict a page has.
fn said(recording: &Value, table: &str) -> String {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let (name, verdict) = (text(&recording["name"]), text(&recording["verdict"]["text"]));
    match recording["verdict"]["kind"].as_str() {
        Some("go") => format!("{name}: {}\n", verdict.replace(table, &whole(table))),
        Some("stop") => {
            let instead = recording["instead"].as_array().into_iter().flatten().map(text);
            let instead: String = instead.map(|line| format!("  {line}\n")).collect();
            format!("{name}:{}\n{instead}", verdict.strip_prefix("line ").expect("it names the line"))
        }
        // The command says that on standard error.
        _ => String::new(),
    }
}

/// What `replay` says until the first process of each recording stops. The command goes on with the other processes, and
/// suggests what would make it a run.
fn of_first_stops(said: &str) -> String {
    let (mut kept, mut stopped, mut is_kept) = (String::new(), "", true);
    for line in said.lines() {
        if !line.starts_with(' ') {
            let (name, rest) = line.split_once(':').expect("it begins with the name of a recording");
            let is_stop = rest.starts_with(|c: char| c.is_ascii_digit());
            is_kept = !is_stop || name != stopped;
            stopped = if is_stop { name } else { "" };
        }
        if is_kept && !(line.starts_with("  ") && line.ends_with(", it is a run")) {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Checks that the page of a table has the verdicts of `replay`, and shows where the machines may be at every line.
fn compare(table: &str, arguments: &[&str]) {
    let page = page(table, arguments);
    let replay = xtask(&[&["replay", "--table", &whole(table)], arguments].concat());
    let data = page.data();
    let recordings = data["recordings"].as_array().expect("a list");
    let page: String = recordings.iter().map(|it| said(it, table)).collect();
    assert_eq!(page, of_first_stops(&replay.stdout), "{table}");
    for moment in recordings.iter().flat_map(|it| it["moments"].as_array().expect("a list")) {
        let now = moment["now"].as_array().expect("a list");
        assert!(now.iter().all(|states| *states != json!([])), "{table}: {moment}");
    }
}

#[test]
fn every_recording_has_the_verdict_that_replay_gives() {
    let paths = all();
    assert!(paths.len() >= 49, "only {} recordings", paths.len());
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    for table in tables() {
        compare(&table, &paths);
    }
    compare("tests/tables/qemu-11.0.yaml", &[&["--assume", "resized"], &paths[..]].concat());
}

/// Recordings that are damaged or begin in the middle, with what may be assumed of them.
#[test]
fn damaged_recordings_have_the_verdict_that_replay_gives() {
    let directory = TempDir::new().expect("a directory can be made");
    let mut damaged = Vec::new();
    for path in all().iter().step_by(12) {
        let text = fs::read_to_string(path).expect("a recording is text");
        let lines: Vec<&str> = text.lines().collect();
        let shown: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains("\"MIGRATION\"")).collect();
        let Some(at) = shown.get(shown.len() / 2) else { continue };
        let name = Path::new(path).file_stem().expect("a file has a name").to_string_lossy();
        for (what, lines) in [("without", [&lines[..*at], &lines[at + 1..]].concat()), ("from", lines[*at..].to_vec())]
        {
            let path = directory.path().join(format!("{name}-{what}-{at}")).display().to_string();
            fs::write(&path, lines.join("\n")).expect("the directory can be written to");
            damaged.push(path);
        }
    }
    let damaged: Vec<&str> = damaged.iter().map(String::as_str).collect();
    for assumed in [&[][..], &["--attached"]] {
        compare(QEMU, &[assumed, &damaged].concat());
    }
    // With others who may do anything there is much to follow.
    compare(QEMU, &["--others", damaged[0], damaged[1]]);
}

#[test]
fn texts_that_are_no_recordings_have_a_verdict_too() {
    let whole = fs::read_to_string(root().join("tests/data/traces/garbage-to-destination.jsonl")).expect("it is text");
    let nothing = "nothing in it that a QMP session shows";
    let markup = "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"<img src=x>\"}}\n";
    let unknown =
        "line 1: event `MIGRATION` with status `<img src=x>` is not explained: the table has no status `<img src=x>`";
    let cases: [(&[u8], &str, u64, Value); 7] = [
        (b"\x7fELF\0\0\0\x01\xff\xfe", nothing, 0, Value::Null),
        (b"", nothing, 0, Value::Null),
        (b"Dear reader,\nthis is a letter.\n", nothing, 0, Value::Null),
        (&format!("{whole}{{\"event\": \"MIGRATION\"}}\n{{\"what\": 1}}\n").into_bytes(), "a run of", 1, Value::Null),
        (&format!("{whole}{{\"event\": \"MIGR\n").into_bytes(), "a run of", 0, json!(19)),
        (&format!("{{\"event\": {}\n", "[".repeat(1 << 20)).into_bytes(), nothing, 0, json!(1)),
        (markup.as_bytes(), unknown, 0, Value::Null),
    ];
    let directory = TempDir::new().expect("a directory can be made");
    let path = |at: usize| directory.path().join(at.to_string()).display().to_string();
    let paths: Vec<String> = (0..cases.len()).map(path).collect();
    for ((bytes, ..), path) in cases.iter().zip(&paths) {
        fs::write(path, bytes).expect("the directory can be written to");
    }
    let page = Page::new(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    let data = page.data();
    for ((_, verdict, bad, cut), found) in cases.iter().zip(data["recordings"].as_array().expect("a list")) {
        assert!(found["verdict"]["text"].as_str().is_some_and(|text| text.starts_with(verdict)), "{verdict}: {found}");
        assert_eq!((found["bad_count"].as_u64(), &found["cut"]), (Some(*bad), cut), "{found}");
    }
    xtask(&["explorer", "/nowhere/at/all"]).ended_without_result(2);
    xtask(&["explorer", &paths[2]]).ended(0).stderr_has(nothing);
}

#[test]
fn a_recording_is_played() {
    let page = page(QEMU, &[&whole(COMPLETED)]);
    let Some(mut browser) = page.show("tab=recordings") else { return };
    browser.choose("recording", &whole(COMPLETED));
    let verdict = format!("\u{2713} {}: a run of {QEMU} (41 lines, 35 observations, 2 processes)", whole(COMPLETED));
    assert_eq!(browser.text(VERDICT), verdict);
    browser.choose("speed", "120");
    browser.click("#play");
    browser.wait_for(&format!("Number({LINE}) > 8"));
    browser.press(" ");
    browser.click("[data-key='last']");
    for (machine, state) in [("source", "completed"), ("destination", "completed")] {
        let marks = browser.evaluate(&format!("document.querySelectorAll('#{machine}-{state} .mark.halo').length"));
        assert!(marks.as_u64() > Some(0), "{machine} may be in {state}");
    }
    browser.press("[");
    let before = browser.text(LINE);
    browser.press("]");
    assert_ne!(browser.text(LINE), before);
}

#[test]
fn the_first_line_that_nothing_explains_is_shown() {
    let text = fs::read_to_string(whole(COMPLETED)).expect("there is such a recording");
    let text = text.replacen("{\"status\": \"completed\"", "{\"status\": \"colo\"", 1);
    let (_directory, path) = file("damaged.jsonl", &text);
    let line = text.lines().position(|line| line.contains("\"colo\"")).expect("it was damaged") + 1;
    let page = page(QEMU, &[&path]);
    let Some(mut browser) = page.show("tab=recordings") else { return };
    browser.choose("recording", &path);
    let verdict = browser.text(VERDICT);
    assert!(verdict.contains(&format!("line {line}: event MIGRATION with status colo of source0")), "{verdict}");
    let instead = browser.text("document.getElementById('instead').innerText");
    assert!(instead.contains("the next status could be completed or failed"), "{instead}");
    assert_eq!(browser.text(LINE), line.to_string(), "the line is the one that is looked at");
    assert_eq!(browser.evaluate("document.querySelectorAll('#source-device .mark.halo').length > 0"), true);
}

/// A page without recordings, and a recording that is dropped on a page: both name the command that plays it.
#[test]
fn the_page_says_which_command_plays_a_recording() {
    let page = page(QEMU, &[]);
    let Some(mut browser) = page.show("tab=recordings") else { return };
    let command = page.data()["command"].as_str().expect("a text").to_owned();
    assert!(command.contains(" explorer ") && command.contains(&whole(QEMU)), "{command}");
    for drop in [false, true] {
        if drop {
            browser.drop_file(&whole(COMPLETED));
            browser.wait_for("document.getElementById('note') !== null");
        }
        let text = browser.text("document.getElementById('side').innerText");
        assert!(text.contains(&command), "{text}");
    }
}
