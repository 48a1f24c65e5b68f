//! The program as a process: its command line, its end, and a migration from one to the other over QMP.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::Client;

/// A process that is killed if the test does not end it.
pub(crate) struct Host {
    child: Child,
    path: PathBuf,
    pub(crate) dir: TempDir,
}

impl Host {
    /// A host of a guest of 8 MiB, once it can be talked to.
    pub(crate) fn start(arguments: &[&str]) -> Host {
        Host::with_memory("8M", arguments)
    }

    /// A host of a guest with so much memory, once it can be talked to.
    pub(crate) fn with_memory(memory: &str, arguments: &[&str]) -> Host {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("qmp.sock");
        let qmp = format!("unix:{}", path.display());
        let trace = dir.path().join("trace.jsonl");
        let mut child = program()
            .args(["--guest", "memory", "--memory", memory, "--hot", "1M", "--qmp", &qmp, "--trace"])
            .arg(&trace)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        assert_eq!(ready, format!("qmp {qmp}\n"));
        Host { child, path, dir }
    }

    /// A client that is told of migrations.
    pub(crate) fn client(&self) -> Client {
        let mut client = Client::unix(&self.path);
        let on = json!([{"capability": "events", "state": true}]);
        client.execute("migrate-set-capabilities", json!({ "capabilities": on })).unwrap();
        client
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        // It can be read when the process has ended.
        let end = pidfd_open(Pid::from_child(&self.child), PidfdFlags::empty()).unwrap();
        let patience = Timespec { tv_sec: 20, tv_nsec: 0 };
        let ended = poll(&mut [PollFd::new(&end, PollFlags::IN)], Some(&patience)).unwrap();
        assert_eq!(ended, 1, "the process does not end");
        self.child.wait().unwrap()
    }

    pub(crate) fn trace(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.dir.path().join("trace.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It may have ended, and then there is nothing to kill.
        drop(self.child.kill());
        self.child.wait().unwrap();
    }
}

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_migration-host"));
    program.args(["--log", "warn"]);
    program
}

pub(crate) fn status_of(client: &mut Client) -> String {
    client.execute("query-status", json!({})).unwrap()["status"].as_str().unwrap().to_owned()
}

pub(crate) fn migration(client: &mut Client) -> Value {
    client.execute("query-migrate", json!({})).unwrap()
}

/// The events up to the end of a migration.
pub(crate) fn events_until(client: &mut Client, last: &str) -> Vec<String> {
    let mut events = Vec::new();
    while events.last().is_none_or(|event| event != last) {
        events.extend(client.event_names(1));
    }
    events.retain(|event| event != "MIGRATION_PASS");
    events
}

pub(crate) fn verified(client: &mut Client) -> bool {
    client.execute("stop", json!({})).unwrap();
    client.execute("x-verify-guest", json!({})).unwrap()["whole"] == true
}

#[test]
fn a_wrong_command_line_is_exit_status_2() {
    let wrong: [&[&str]; 8] = [
        &[],
        &["--qmp", "nowhere"],
        &["--qmp", "unix:/tmp/x", "--memory", "12"],
        &["--qmp", "unix:/tmp/x", "--guest", "xen"],
        &["--qmp", "unix:/tmp/x", "--incoming", "exec:cat"],
        &["--qmp", "unix:/tmp/x", "--log", "qmp=loud"],
        &["--qmp", "unix:/tmp/x", "--pages-per-second", "0"],
        &["--qmp", "unix:/tmp/x", "--timeout", "stopping=100"],
    ];
    for arguments in wrong {
        let output = program().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
    }
    let help = String::from_utf8(program().arg("--help").output().unwrap().stdout).unwrap();
    assert!(help.contains("migrate-set-parameters") && help.contains("--incoming"), "{help}");
}

#[test]
fn what_cannot_be_had_is_exit_status_1_and_leaves_no_socket() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("qmp.sock");
    let qmp = format!("unix:{}", path.display());
    let impossible: [&[&str]; 4] = [
        &["--qmp", "unix:/nonexistent/x.sock"],
        &["--qmp", &qmp, "--guest", "memory", "--memory", "1M", "--hot", "4M"],
        &["--qmp", &qmp, "--guest", "memory", "--trace", "/nonexistent/trace"],
        &["--qmp", &qmp, "--guest", "memory", "--incoming", "unix:/nonexistent/m.sock"],
    ];
    for arguments in impossible {
        let output = program().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        assert!(!output.stderr.is_empty() && !path.exists());
    }
}

#[test]
fn quit_and_a_signal_end_it_in_good_order() {
    let mut host = Host::start(&[]);
    let mut client = host.client();
    client.execute("quit", json!({})).unwrap();
    assert_eq!(client.event_names(1), ["SHUTDOWN"]);
    assert_eq!(client.receive(), None);
    assert_eq!(host.wait().code(), Some(0));
    for signal in [Signal::TERM, Signal::INT] {
        let mut host = Host::start(&["--paused", "--name", "n"]);
        let mut client = host.client();
        assert_eq!(status_of(&mut client), "prelaunch");
        host.signal(signal);
        assert_eq!(client.event()["data"]["reason"], "host-signal");
        assert_eq!(host.wait().code(), Some(0));
        assert!(!host.path.exists());
    }
}

#[test]
fn a_guest_moves_while_it_runs() {
    let (from, to) = (Host::start(&[]), Host::start(&["--incoming", "tcp:127.0.0.1:0"]));
    let (mut source, mut destination) = (from.client(), to.client());
    assert_eq!(status_of(&mut destination), "inmigrate");
    let uri = migration(&mut destination)["x-listens-at"].clone();
    source.execute("migrate", json!({ "uri": uri })).unwrap();
    let events = events_until(&mut source, "MIGRATION completed");
    let expected = ["MIGRATION setup", "MIGRATION active", "STOP", "MIGRATION device", "MIGRATION completed"];
    assert_eq!(events, expected);
    assert_eq!(migration(&mut source)["ram"]["remaining"], 0);
    assert_eq!(status_of(&mut source), "postmigrate");
    let events = events_until(&mut destination, "MIGRATION completed");
    assert_eq!(events, ["MIGRATION active", "RESUME", "MIGRATION completed"]);
    assert_eq!(status_of(&mut destination), "running");
    assert!(verified(&mut destination));
    let fired = |step: &&Value| step["step"] == "fired" && step["machine"] == "source";
    let trace = from.trace();
    let states = trace.iter().filter(fired).map(|step| step["to"].as_str().unwrap());
    let path = ["connecting", "negotiating", "active", "stopping", "device", "handing_over", "completing", "completed"];
    assert!(states.eq(path), "{trace:?}");
}

#[test]
fn a_guest_moves_there_and_back() {
    let (mut here, there) = (Host::start(&[]), Host::start(&["--incoming", "tcp:127.0.0.1:0"]));
    let (mut first, mut second) = (here.client(), there.client());
    moves(&mut first, &mut second);
    // What has left does not come back to the same process, which says what to do instead.
    let error = first.execute("migrate-incoming", json!({"uri": "tcp:127.0.0.1:0"})).unwrap_err();
    assert!(error.contains("another process with `--incoming defer`") && error.contains("`quit`"), "{error}");
    assert_eq!(status_of(&mut first), "postmigrate");
    first.execute("quit", json!({})).unwrap();
    assert_eq!(here.wait().code(), Some(0));
    let again = Host::start(&["--incoming", "tcp:127.0.0.1:0"]);
    let mut third = again.client();
    moves(&mut second, &mut third);
    assert_eq!(migration(&mut second)["status"], "completed");
    assert!(verified(&mut third));
}

/// Moves the guest, which runs on afterwards.
fn moves(source: &mut Client, destination: &mut Client) {
    let uri = migration(destination)["x-listens-at"].clone();
    source.execute("migrate", json!({ "uri": uri })).unwrap();
    let events = events_until(source, "MIGRATION device");
    assert!(events.contains(&"STOP".to_owned()), "{events:?}");
    assert_eq!(events_until(source, "MIGRATION completed"), ["MIGRATION completed"]);
    events_until(destination, "MIGRATION completed");
    assert_eq!((status_of(source).as_str(), status_of(destination).as_str()), ("postmigrate", "running"));
}

#[test]
fn a_bad_address_leaves_no_trace_and_a_paused_guest_arrives_paused() {
    let (from, to) = (Host::start(&["--paused"]), Host::start(&["--incoming", "defer"]));
    let (mut source, mut destination) = (from.client(), to.client());
    let error = destination.execute("migrate-incoming", json!({"uri": "unix:/nonexistent/m.sock"})).unwrap_err();
    assert!(error.contains("/nonexistent/m.sock"), "{error}");
    assert_eq!(migration(&mut destination), json!({}));
    assert_eq!(to.trace(), [Value::Null; 0]);
    let uri = format!("unix:{}", to.dir.path().join("m.sock").display());
    destination.execute("migrate-incoming", json!({ "uri": uri })).unwrap();
    let error = destination.execute("migrate-incoming", json!({ "uri": uri })).unwrap_err();
    assert!(error.contains("awaited or arriving already"), "{error}");
    let error = destination.execute("migrate_cancel", json!({})).unwrap_err();
    assert!(error.contains("only the source can cancel"), "{error}");
    source.execute("migrate", json!({ "uri": uri })).unwrap();
    assert!(!events_until(&mut source, "MIGRATION completed").contains(&"STOP".to_owned()));
    let events = events_until(&mut destination, "MIGRATION completed");
    assert_eq!(events, ["MIGRATION setup", "MIGRATION active", "MIGRATION completed"]);
    assert_eq!(status_of(&mut destination), "prelaunch");
    destination.execute("cont", json!({})).unwrap();
    assert_eq!(status_of(&mut destination), "running");
}

#[test]
fn a_refused_connection_fails_and_the_guest_goes_on() {
    let host = Host::start(&[]);
    let mut client = host.client();
    assert_eq!(client.execute("migrate_cancel", json!({})), Ok(json!({})));
    client.execute("migrate", json!({"uri": "unix:/nonexistent/m.sock"})).unwrap();
    let events = events_until(&mut client, "MIGRATION failed");
    assert_eq!(events, ["MIGRATION setup", "MIGRATION failing", "MIGRATION failed"]);
    let told = migration(&mut client);
    assert_eq!((&told["status"], &told["x-ended-by"]), (&json!("failed"), &json!("failed")));
    assert!(told["error-desc"].as_str().unwrap().contains("/nonexistent/m.sock"), "{told}");
    assert_eq!(status_of(&mut client), "running");
}

#[test]
fn it_pauses_before_the_switchover_and_can_be_cancelled_there() {
    let (from, to) = (Host::start(&[]), Host::start(&["--incoming", "tcp:127.0.0.1:0"]));
    let (mut source, mut destination) = (from.client(), to.client());
    let pause = json!([{"capability": "pause-before-switchover", "state": true}]);
    source.execute("migrate-set-capabilities", json!({ "capabilities": pause })).unwrap();
    let uri = migration(&mut destination)["x-listens-at"].clone();
    source.execute("migrate", json!({ "uri": uri })).unwrap();
    let events = events_until(&mut source, "MIGRATION pre-switchover");
    assert_eq!(events, ["MIGRATION setup", "MIGRATION active", "STOP", "MIGRATION pre-switchover"]);
    assert_eq!(status_of(&mut source), "finish-migrate");
    assert!(source.execute("cont", json!({})).unwrap_err().contains("being moved"));
    assert!(source.execute("migrate", json!({ "uri": uri })).unwrap_err().contains("in progress"));
    source.execute("migrate_cancel", json!({})).unwrap();
    let events = events_until(&mut source, "MIGRATION cancelled");
    assert_eq!(events, ["MIGRATION cancelling", "RESUME", "MIGRATION cancelled"]);
    assert_eq!(status_of(&mut source), "running");
    assert_eq!(events_until(&mut destination, "MIGRATION failed"), ["MIGRATION active", "MIGRATION failed"]);
    assert_eq!(status_of(&mut destination), "inmigrate");
    // The destination is there for another try, and the answer this time is yes.
    destination.execute("migrate-incoming", json!({"uri": "tcp:127.0.0.1:0"})).unwrap();
    let uri = migration(&mut destination)["x-listens-at"].clone();
    source.execute("migrate", json!({ "uri": uri })).unwrap();
    events_until(&mut source, "MIGRATION pre-switchover");
    source.execute("migrate-continue", json!({"state": "pre-switchover"})).unwrap();
    assert_eq!(events_until(&mut source, "MIGRATION completed"), ["MIGRATION device", "MIGRATION completed"]);
    events_until(&mut destination, "MIGRATION completed");
    assert!(verified(&mut destination));
}

#[test]
fn quit_cancels_a_migration_first() {
    let (mut from, to) = (Host::start(&[]), Host::start(&["--incoming", "tcp:127.0.0.1:0"]));
    let (mut source, mut destination) = (from.client(), to.client());
    let slow = json!({"max-bandwidth": 65536, "downtime-limit": 1});
    source.execute("migrate-set-parameters", slow).unwrap();
    let uri = migration(&mut destination)["x-listens-at"].clone();
    source.execute("migrate", json!({ "uri": uri })).unwrap();
    events_until(&mut source, "MIGRATION active");
    source.execute("quit", json!({})).unwrap();
    assert_eq!(events_until(&mut source, "SHUTDOWN"), ["MIGRATION cancelling", "MIGRATION cancelled", "SHUTDOWN"]);
    assert_eq!(from.wait().code(), Some(0));
    events_until(&mut destination, "MIGRATION failed");
    assert!(Path::exists(&to.path));
}
