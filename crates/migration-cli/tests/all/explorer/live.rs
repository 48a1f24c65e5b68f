//! `replay --follow --page`: a process that is played here, its page in a file, and that page in a browser.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::run::{file, program, root};
use super::browser::Browser;

/// What takes longer than this does not come any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process whose socket is followed, and the program that follows it.
struct Followed {
    program: Option<Child>,
    lines: BufReader<UnixStream>,
    stream: UnixStream,
    page: PathBuf,
    _directory: TempDir,
}

impl Followed {
    /// Begins to follow a process that answers the commands of the opening in this way.
    fn begin(table: &Path, answer: impl Fn(&str) -> Value) -> Followed {
        let directory = TempDir::new().expect("a directory can be made");
        let (socket, page) = (directory.path().join("qmp.sock"), directory.path().join("live.html"));
        let listener = UnixListener::bind(&socket).expect("a socket can be made");
        let mut program = program()
            .args(["replay", "--follow"])
            .arg(&socket)
            .arg("--page")
            .arg(&page)
            .arg("--table")
            .arg(table)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built for this test");
        listener.set_nonblocking(true).expect("a socket can be told so");
        let stream = loop {
            if let Ok((stream, _)) = listener.accept() {
                break stream;
            }
            if program.try_wait().expect("the program can be asked for").is_some() {
                panic!("the program ended: {:?}", program.wait_with_output());
            }
            thread::sleep(Duration::from_millis(10));
        };
        stream.set_nonblocking(false).expect("a socket can be told so");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time can be set");
        let lines = BufReader::new(stream.try_clone().expect("a descriptor can be doubled"));
        let mut followed = Followed { program: Some(program), lines, stream, page, _directory: directory };
        followed.send(&json!({ "QMP": { "version": {}, "capabilities": [] } }));
        for _ in 0..3 {
            let mut line = String::new();
            followed.lines.read_line(&mut line).expect("the program asks");
            let asked: Value = serde_json::from_str(&line).expect("a command is JSON");
            let command = asked["execute"].as_str().expect("a command has a name").to_owned();
            followed.send(&json!({ "id": asked["id"], "return": answer(&command) }));
        }
        followed
    }

    fn send(&mut self, message: &Value) {
        self.stream.write_all(format!("{message}\n").as_bytes()).expect("the program reads");
    }

    /// What the page in the file knows once that holds.
    fn page_with(&self, holds: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let data = std::fs::read_to_string(&self.page).ok().map(|html| data(&html)).unwrap_or_default();
            if holds(&data) {
                return data;
            }
            assert!(begun.elapsed() < PATIENCE, "in vain waited for the page: {}", data["recordings"]);
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Closes the socket, and returns what the program printed when it ended.
    fn end(mut self) -> Output {
        self.stream.shutdown(std::net::Shutdown::Both).expect("a stream can be closed");
        let program = self.program.take().expect("it ends once");
        program.wait_with_output().expect("the program ends")
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        if let Some(program) = &mut self.program {
            // It may be gone already, and then there is nothing to end.
            let _ = program.kill();
            let _ = program.wait();
        }
    }
}

fn data(html: &str) -> Value {
    let data = html.split_once("id=\"data\">").and_then(|(_, rest)| rest.split_once("</script>"));
    data.map(|(data, _)| serde_json::from_str(data).expect("it is JSON")).unwrap_or_default()
}

/// The states of a machine in which it may be after the last moment.
fn now(data: &Value, machine: usize) -> Vec<String> {
    let moments = data["recordings"][0]["moments"].as_array().cloned().unwrap_or_default();
    let Some(last) = moments.last() else { return Vec::new() };
    let states = &data["table"]["machines"][machine]["states"];
    let names = last["now"][machine].as_array().expect("a list").iter();
    names
        .map(|at| states[at.as_u64().expect("a number") as usize]["name"].as_str().expect("a name").to_owned())
        .collect()
}

fn event(status: &str) -> Value {
    json!({ "event": "MIGRATION", "data": { "status": status } })
}

/// A status that comes right after another stands in the page although nothing comes after it.
#[test]
fn the_page_has_the_last_status_however_soon_it_came() {
    let table = root().join("tests/tables/qemu-10.0.yaml");
    let mut followed = Followed::begin(&table, |command| match command {
        "query-migrate-capabilities" => json!([{ "capability": "events", "state": true }]),
        "query-migrate" => json!({ "status": "active" }),
        _ => json!({}),
    });
    followed.send(&event("device"));
    followed.send(&event("completed"));
    let page = followed.page_with(|data| now(data, 0) == ["completed"]);
    assert_eq!(page["live"], true);
    let mut browser = Browser::start();
    if let Some(browser) = &mut browser {
        browser.open(&format!("file://{}", followed.page.display()));
        assert_eq!(browser.evaluate("document.querySelectorAll('#source-completed .mark.halo').length > 0"), true);
    }
    followed.send(&event("device"));
    let page = followed.page_with(|data| data["live"] == false);
    assert_eq!(page["recordings"][0]["verdict"]["kind"], "stop", "{}", page["recordings"][0]["verdict"]);
    if let Some(browser) = &mut browser {
        // The page that is open looks for itself.
        let is_over = "document.getElementById('verdict')?.textContent.includes('no run publishes device') === true";
        browser.wait_through_reloads(is_over);
    }
    let output = followed.end();
    assert_eq!(output.status.code(), Some(1));
}

/// The table says under which name it is asked for, and which member holds the status.
#[test]
fn the_question_is_the_one_of_the_table() {
    let text = "format: 1\nmachine: lift\nqmp: { event: MOVED, member: where, query: query-lift }\n\
                statuses:\n  down: { since: \"1.0\", doc: \"a status\" }\n  up: { since: \"1.0\", doc: \"a status\" }\n\
                triggers:\n  call: { command: call, doc: \"a trigger\" }\n\
                events:\n  arrived: { doc: \"an event\" }\n\
                machines:\n  lift:\n    doc: \"a machine\"\n    states:\n\
                \x20     low: { kind: idle, shows: down, initial: true, doc: \"a state\" }\n\
                \x20     rising: { kind: work, shows: up, doc: \"a state\" }\n\
                \x20   transitions:\n\
                \x20     - { from: low, when: call, to: rising, public: true }\n\
                \x20     - { from: rising, when: arrived, to: low, public: true }\n\
                \x20   answers:\n\
                \x20     - { in: rising, trigger: call, answer: ignore }\n";
    let (_directory, table) = file("lift.yaml", text);
    let mut followed = Followed::begin(Path::new(&table), |command| match command {
        "query-lift" => json!({ "where": "up", "status": "down" }),
        _ => json!({}),
    });
    followed.send(&json!({ "event": "MOVED", "data": { "where": "down" } }));
    followed.page_with(|data| now(data, 0) == ["low"]);
    let output = followed.end();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.ends_with("is gone; all that it did is explained\n"), "{said}");
}
