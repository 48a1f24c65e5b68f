//! Recordings in the page: chosen, dropped, played, and such as no page should be given.

use std::fs;

use tempfile::TempDir;

use super::super::run::root;
use super::browser::Browser;
use super::scripts::{Page, whole};

const VERDICT: &str = "document.getElementById('verdict')?.textContent ?? ''";
const LINE: &str = "document.querySelector('#lines [aria-current] .place').textContent";

fn recording(name: &str) -> String {
    fs::read_to_string(root().join("tests/data/traces").join(name)).expect("there is such a recording")
}

#[test]
fn a_recording_is_dropped_and_played() {
    let page = Page::new(&["--table", &whole("tests/tables/qemu-10.0.yaml")]);
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&page.url(""));
    browser.drop_file(&whole("tests/data/traces/precopy-tcp-success.jsonl"));
    browser.wait_for(&format!("({VERDICT}).includes('a run of')"));
    assert_eq!(
        browser.text(VERDICT),
        "\u{2713} precopy-tcp-success.jsonl: a run of tests/tables/qemu-10.0.yaml (41 lines, 35 observations)"
    );
    browser.evaluate("{ const it = document.querySelector('[data-key=speed]'); it.value = '120'; it.dispatchEvent(new Event('change')); }");
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
    assert_eq!(browser.errors, Vec::<String>::new());
}

#[test]
fn the_first_line_that_nothing_explains_is_named() {
    let directory = TempDir::new().expect("a directory can be made");
    let path = directory.path().join("damaged.jsonl");
    let text =
        recording("precopy-tcp-success.jsonl").replacen("{\"status\": \"completed\"", "{\"status\": \"colo\"", 1);
    fs::write(&path, &text).expect("the directory can be written to");
    let line = text.lines().position(|line| line.contains("\"colo\"")).expect("it was damaged") + 1;
    let page = Page::new(&["--table", &whole("tests/tables/qemu-10.0.yaml")]);
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&page.url(""));
    browser.drop_file(&path.display().to_string());
    browser.wait_for(&format!("({VERDICT}).includes('is not explained')"));
    let verdict = browser.text(VERDICT);
    assert!(verdict.contains(&format!("line {line}: event MIGRATION with status colo of source0")), "{verdict}");
    let instead = browser.text("document.getElementById('instead').innerText");
    assert!(instead.contains("the next status could be completed or failed"), "{instead}");
    assert_eq!(browser.text(LINE), line.to_string(), "the line is the one that is looked at");
    assert_eq!(browser.evaluate("document.querySelectorAll('#source-device .mark.halo').length > 0"), true);
}

#[test]
fn what_is_no_recording_is_said_to_be_none() {
    let directory = TempDir::new().expect("a directory can be made");
    let drop = |browser: &mut Browser, name: &str, bytes: &[u8], says: &str| {
        let path = directory.path().join(name);
        fs::write(&path, bytes).expect("the directory can be written to");
        browser.drop_file(&path.display().to_string());
        let shown = "document.getElementById('side').innerText";
        browser.wait_for(&format!("({shown}).includes({}) && !({shown}).includes('Reading')", serde_json::json!(says)));
    };
    let page = Page::new(&[]);
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&page.url(""));
    drop(&mut browser, "program", b"\x7fELF\0\0\0\x01\xff\xfe", "program is no recording: it is not text");
    drop(&mut browser, "empty.log", b"", "empty.log: nothing in it that a QMP session shows");
    drop(
        &mut browser,
        "prose.txt",
        b"Dear reader,\nthis is a letter.\n",
        "prose.txt: nothing in it that a QMP session shows",
    );
    let broken =
        format!("{}{{\"event\": \"MIGRATION\"}}\n{{\"what\": 1}}\n", recording("garbage-to-destination.jsonl"));
    drop(&mut browser, "broken.jsonl", broken.as_bytes(), "2 lines make no sense");
    let cut = format!("{}{{\"event\": \"MIGR\n", recording("garbage-to-destination.jsonl"));
    drop(&mut browser, "cut.jsonl", cut.as_bytes(), "It ends in the middle of what begins in line 19");
    let huge = format!("{{\"execute\": \"{}\"}}\n", "x".repeat(17 << 20));
    drop(&mut browser, "huge.jsonl", huge.as_bytes(), "line 1: the line is longer than any line of a QMP session");
    let deep = format!("{{\"event\": {}\n", "[".repeat(1 << 20));
    drop(&mut browser, "deep.jsonl", deep.as_bytes(), "It ends in the middle of what begins in line 1");
    let markup = "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"<img src=x onerror=alert(1)>\"}}\n";
    drop(&mut browser, "markup.jsonl", markup.as_bytes(), "the table has no status <img src=x onerror=alert(1)>");
    assert_eq!(browser.evaluate("document.querySelector('img') === null"), true);
    // The page still works.
    browser.drop_file(&whole("tests/data/traces/precopy-tcp-success.jsonl"));
    browser.wait_for(&format!("({VERDICT}).includes('a run of')"));
    assert_eq!(browser.errors, Vec::<String>::new());
}

#[test]
fn a_saved_walk_is_dropped_and_walked() {
    let page = Page::new(&[]);
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&page.url(""));
    browser.drop_file(&whole("tests/data/walks/lost_after_the_hand_over.walk"));
    browser.wait_for("document.getElementById('live').textContent.includes('all as they were saved')");
    let steps = recording("../walks/lost_after_the_hand_over.walk");
    let steps = steps.lines().filter(|line| line.contains("->") || line.starts_with("set ")).count();
    assert_eq!(browser.evaluate("document.querySelectorAll('#history li').length - 1"), steps);
    assert_eq!(browser.errors, Vec::<String>::new());
}
