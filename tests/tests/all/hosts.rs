//! Real hosts as processes, and a QMP client of our own to talk to them.
//!
//! The program belongs to another package, which these tests do not depend on as a library: they use it as a user
//! does, by its command line and its socket, so all they need is where cargo puts it.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that is killed if the test does not end it.
pub(crate) struct Host {
    child: Child,
    dir: TempDir,
}

impl Host {
    /// A host of a small guest in plain memory, once it can be talked to.
    pub(crate) fn start(arguments: &[&str]) -> Host {
        let dir = tempfile::tempdir().expect("a directory can be made");
        let socket = format!("unix:{}", dir.path().join("qmp.sock").display());
        let mut child = Command::new(program())
            .args(["--log", "warn", "--guest", "memory", "--memory", "8M", "--hot", "1M", "--qmp", &socket, "--trace"])
            .arg(dir.path().join("trace.jsonl"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program that was built can be run");
        let mut ready = String::new();
        let stdout = child.stdout.take().expect("standard output is a pipe");
        BufReader::new(stdout).read_line(&mut ready).expect("it says something");
        assert_eq!(ready, format!("qmp {socket}\n"));
        Host { child, dir }
    }

    /// Where it serves QMP.
    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join("qmp.sock")
    }

    /// A directory of its own.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A client that is told of migrations.
    pub(crate) fn client(&self) -> Client {
        let mut client = Client::connect(&self.socket());
        client.capability("events");
        client
    }

    /// Ends it without a word.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it was ours");
    }

    /// Every step of its machines so far.
    pub(crate) fn trace(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.dir.path().join("trace.jsonl")).expect("it writes a trace");
        text.lines().map(|line| serde_json::from_str(line).expect("a line of the trace is JSON")).collect()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It may have ended, and then there is nothing to kill.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The program, built if it is not.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built("migration-host"))
}

/// The program of a package that has its name, built if it is not.
pub(crate) fn built(name: &str) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--package", name, "--bins", "--message-format=json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs, since it runs this test");
    assert!(output.status.success(), "`{name}` does not build");
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let messages = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let programs = messages.filter(|message| message["target"]["name"] == name);
    let mut paths = programs.filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?)));
    paths.next().expect("cargo says where it put the program")
}

/// A connection to a host.
pub(crate) struct Client {
    reading: BufReader<UnixStream>,
    writing: UnixStream,
    events: VecDeque<Value>,
    recording: String,
}

impl Client {
    fn connect(path: &Path) -> Client {
        let writing = UnixStream::connect(path).expect("the host serves QMP");
        writing.set_read_timeout(Some(PATIENCE)).expect("a socket can have a timeout");
        let reading = BufReader::new(writing.try_clone().expect("a socket can be shared"));
        let mut client = Client { reading, writing, events: VecDeque::new(), recording: String::new() };
        assert!(client.receive().get("QMP").is_some(), "a greeting comes first");
        client.ask("qmp_capabilities", json!({}));
        client
    }

    /// Executes a command: what it returned, or the description of the error.
    pub(crate) fn execute(&mut self, command: &str, arguments: Value) -> Result<Value, String> {
        let request = json!({ "execute": command, "arguments": arguments });
        self.recording += &format!("{request}\n");
        self.writing.write_all(format!("{request}\n").as_bytes()).expect("the host listens");
        loop {
            let mut value = self.receive();
            if value.get("event").is_some() {
                self.events.push_back(value);
            } else if let Some(value) = value.get_mut("return") {
                return Ok(value.take());
            } else {
                return Err(value["error"]["desc"].as_str().expect("an error has a description").to_owned());
            }
        }
    }

    /// Executes a command that must succeed.
    pub(crate) fn ask(&mut self, command: &str, arguments: Value) -> Value {
        self.execute(command, arguments).unwrap_or_else(|error| panic!("`{command}` is refused: {error}"))
    }

    /// Executes a command that must be refused; why it is.
    pub(crate) fn refused(&mut self, command: &str, arguments: Value) -> String {
        self.execute(command, arguments).expect_err("the command must be refused")
    }

    /// Switches a capability on.
    pub(crate) fn capability(&mut self, name: &str) {
        let on = json!([{ "capability": name, "state": true }]);
        self.ask("migrate-set-capabilities", json!({ "capabilities": on }));
    }

    /// Lets a migration from here take for ever.
    pub(crate) fn slow_down(&mut self) {
        self.ask("migrate-set-parameters", json!({ "max-bandwidth": 65536, "downtime-limit": 1 }));
    }

    /// Lets migrations from here take no time.
    pub(crate) fn speed_up(&mut self) {
        self.ask("migrate-set-parameters", json!({ "max-bandwidth": 0, "downtime-limit": 300 }));
    }

    /// Where the destination listens.
    pub(crate) fn listens_at(&mut self) -> String {
        let told = self.ask("query-migrate", json!({}));
        told["x-listens-at"].as_str().expect("it listens").to_owned()
    }

    /// Waits for the event that publishes this status.
    pub(crate) fn wait_for(&mut self, status: &str) {
        loop {
            let event = match self.events.pop_front() {
                Some(event) => event,
                None => self.receive(),
            };
            if event["event"] == "MIGRATION" && event["data"]["status"] == status {
                return;
            }
        }
    }

    /// Whether the guest's memory, which is stopped for it, is what it must be.
    pub(crate) fn is_whole(&mut self) -> bool {
        self.ask("stop", json!({}));
        self.ask("x-verify-guest", json!({}))["whole"] == true
    }

    /// Why the guest runs or does not.
    pub(crate) fn runstate(&mut self) -> String {
        let told = self.ask("query-status", json!({}));
        told["status"].as_str().expect("it says how the guest is").to_owned()
    }

    /// Everything that has crossed the socket, as it was.
    pub(crate) fn recording(&self) -> &str {
        &self.recording
    }

    fn receive(&mut self) -> Value {
        let mut line = String::new();
        let read = self.reading.read_line(&mut line).expect("something comes from the host");
        assert!(read > 0, "the host hung up");
        self.recording += &line;
        serde_json::from_str(&line).expect("the host sends a JSON value a line")
    }
}
