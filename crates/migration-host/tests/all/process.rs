//! The program as a process: its command line, its end, and a migration from one to the other over QMP.

use std::path::Path;
use std::process::Command;

use migration_testkit::host::{Host, HostPair};
use migration_testkit::qmp::Client;
use rustix::process::Signal;
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_migration-host");

/// A host of a guest of 8 MiB.
pub(crate) fn host(arguments: &[&str]) -> Host {
    host_with_memory("8M", arguments)
}

/// A host of a guest with so much memory.
pub(crate) fn host_with_memory(memory: &str, arguments: &[&str]) -> Host {
    Host::small(Path::new(PROGRAM), memory, arguments).unwrap()
}

/// Two hosts; the guest runs on the first, and the second waits for it.
pub(crate) fn pair_of_hosts() -> HostPair {
    HostPair::start(Path::new(PROGRAM)).unwrap()
}

fn program() -> Command {
    let mut program = Command::new(PROGRAM);
    program.args(["--log", "warn"]);
    program
}

#[test]
fn a_wrong_command_line_is_exit_status_2() {
    let wrong: [&[&str]; 11] = [
        &[],
        &["--qmp", "nowhere"],
        &["--qmp", "unix:/tmp/x", "--memory", "12"],
        &["--qmp", "unix:/tmp/x", "--guest", "xen"],
        &["--qmp", "unix:/tmp/x", "--incoming", "exec:cat"],
        &["--qmp", "unix:/tmp/x", "--log", "qmp=loud"],
        &["--qmp", "unix:/tmp/x", "--log", "inof"],
        &["--qmp", "unix:/tmp/x", "--tls-authz", ","],
        &["--qmp", "unix:/tmp/x", "--tls-authz", " "],
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
    let mut quitting = host(&[]);
    let mut client = quitting.client().unwrap();
    client.ask("quit", json!({}));
    assert_eq!(client.events_until("SHUTDOWN"), ["SHUTDOWN"]);
    client.assert_ended();
    assert_eq!(quitting.wait().unwrap().code(), Some(0));
    for signal in [Signal::TERM, Signal::INT] {
        let mut signalled = host(&["--paused", "--name", "n"]);
        let mut client = signalled.client().unwrap();
        assert_eq!(client.runstate(), "prelaunch");
        signalled.signal(signal).unwrap();
        assert_eq!(client.event().unwrap().data["reason"], "host-signal");
        assert_eq!(signalled.wait().unwrap().code(), Some(0));
        assert!(!signalled.socket().exists());
    }
}

#[test]
fn a_guest_moves_while_it_runs() {
    let mut hosts = pair_of_hosts();
    assert_eq!(hosts.destination.runstate(), "inmigrate");
    hosts.migrate();
    let events = hosts.source.events_until("MIGRATION completed");
    let expected = ["MIGRATION setup", "MIGRATION active", "STOP", "MIGRATION device", "MIGRATION completed"];
    assert_eq!(events, expected);
    assert_eq!(hosts.source.migration()["ram"]["remaining"], 0);
    assert_eq!(hosts.source.runstate(), "postmigrate");
    let events = hosts.destination.events_until("MIGRATION completed");
    assert_eq!(events, ["MIGRATION active", "RESUME", "MIGRATION completed"]);
    assert_eq!(hosts.destination.runstate(), "running");
    assert!(hosts.destination.is_whole());
    let fired = |step: &&Value| step["step"] == "fired" && step["machine"] == "source";
    let trace = hosts.from.trace().unwrap();
    let states = trace.iter().filter(fired).map(|step| step["to"].as_str().unwrap());
    let path = ["connecting", "negotiating", "active", "stopping", "device", "handing_over", "completing", "completed"];
    assert!(states.eq(path), "{trace:?}");
}

#[test]
fn a_guest_moves_there_and_back() {
    let mut hosts = pair_of_hosts();
    moves(&mut hosts.source, &mut hosts.destination);
    // What has left does not come back to the same process, which says what to do instead.
    let error = hosts.source.refused("migrate-incoming", json!({"uri": "tcp:127.0.0.1:0"}));
    assert!(error.contains("another process with `--incoming defer`") && error.contains("`quit`"), "{error}");
    assert_eq!(hosts.source.runstate(), "postmigrate");
    hosts.source.ask("quit", json!({}));
    assert_eq!(hosts.from.wait().unwrap().code(), Some(0));
    let again = host(&["--incoming", "tcp:127.0.0.1:0"]);
    let mut third = again.client().unwrap();
    moves(&mut hosts.destination, &mut third);
    assert_eq!(hosts.destination.migration()["status"], "completed");
    assert!(third.is_whole());
}

/// Moves the guest, which runs on afterwards.
fn moves(source: &mut Client, destination: &mut Client) {
    source.ask("migrate", json!({ "uri": destination.listens_at() }));
    let events = source.events_until("MIGRATION device");
    assert!(events.contains(&"STOP".to_owned()), "{events:?}");
    assert_eq!(source.events_until("MIGRATION completed"), ["MIGRATION completed"]);
    destination.wait_for("completed");
    assert_eq!((source.runstate().as_str(), destination.runstate().as_str()), ("postmigrate", "running"));
}

#[test]
fn a_bad_address_leaves_no_trace_and_a_paused_guest_arrives_paused() {
    let (from, to) = (host(&["--paused"]), host(&["--incoming", "defer"]));
    let (mut source, mut destination) = (from.client().unwrap(), to.client().unwrap());
    let error = destination.refused("migrate-incoming", json!({"uri": "unix:/nonexistent/m.sock"}));
    assert!(error.contains("/nonexistent/m.sock"), "{error}");
    assert_eq!(destination.migration(), json!({}));
    assert_eq!(to.trace().unwrap(), [Value::Null; 0]);
    let uri = json!({ "uri": format!("unix:{}", to.dir().join("m.sock").display()) });
    destination.ask("migrate-incoming", uri.clone());
    let error = destination.refused("migrate-incoming", uri.clone());
    assert!(error.contains("awaited or arriving already"), "{error}");
    // A destination that does not run the guest can be told to give up, and told to wait again.
    destination.ask("migrate_cancel", json!({}));
    assert_eq!(destination.events_until("MIGRATION failed"), ["MIGRATION setup", "MIGRATION failed"]);
    assert_eq!(destination.migration()["x-ended-by"], "cancel");
    destination.ask("migrate-incoming", uri.clone());
    source.ask("migrate", uri);
    assert!(!source.events_until("MIGRATION completed").contains(&"STOP".to_owned()));
    let events = destination.events_until("MIGRATION completed");
    assert_eq!(events, ["MIGRATION setup", "MIGRATION active", "MIGRATION completed"]);
    assert_eq!(destination.runstate(), "prelaunch");
    destination.ask("cont", json!({}));
    assert_eq!(destination.runstate(), "running");
}

#[test]
fn a_refused_connection_fails_and_the_guest_goes_on() {
    let host = host(&[]);
    let mut client = host.client().unwrap();
    assert_eq!(client.ask("migrate_cancel", json!({})), json!({}));
    client.ask("migrate", json!({"uri": "unix:/nonexistent/m.sock"}));
    let events = client.events_until("MIGRATION failed");
    assert_eq!(events, ["MIGRATION setup", "MIGRATION failing", "MIGRATION failed"]);
    let told = client.migration();
    assert_eq!((&told["status"], &told["x-ended-by"]), (&json!("failed"), &json!("failed")));
    assert!(told["error-desc"].as_str().unwrap().contains("/nonexistent/m.sock"), "{told}");
    assert_eq!(client.runstate(), "running");
}

#[test]
fn it_pauses_before_the_switchover_and_can_be_cancelled_there() {
    let mut hosts = pair_of_hosts();
    hosts.source.capability("pause-before-switchover").unwrap();
    hosts.migrate();
    let events = hosts.source.events_until("MIGRATION pre-switchover");
    assert_eq!(events, ["MIGRATION setup", "MIGRATION active", "STOP", "MIGRATION pre-switchover"]);
    assert_eq!(hosts.source.runstate(), "finish-migrate");
    assert!(hosts.source.refused("cont", json!({})).contains("being moved"));
    assert!(hosts.source.refused("migrate", json!({"uri": "tcp:127.0.0.1:1"})).contains("in progress"));
    hosts.source.ask("migrate_cancel", json!({}));
    let events = hosts.source.events_until("MIGRATION cancelled");
    assert_eq!(events, ["MIGRATION cancelling", "RESUME", "MIGRATION cancelled"]);
    assert_eq!(hosts.source.runstate(), "running");
    assert_eq!(hosts.destination.events_until("MIGRATION failed"), ["MIGRATION active", "MIGRATION failed"]);
    assert_eq!(hosts.destination.runstate(), "inmigrate");
    // The destination is there for another try, and the answer this time is yes.
    hosts.destination.ask("migrate-incoming", json!({"uri": "tcp:127.0.0.1:0"}));
    hosts.migrate();
    hosts.source.wait_for("pre-switchover");
    hosts.source.ask("migrate-continue", json!({"state": "pre-switchover"}));
    assert_eq!(hosts.source.events_until("MIGRATION completed"), ["MIGRATION device", "MIGRATION completed"]);
    hosts.destination.wait_for("completed");
    assert!(hosts.destination.is_whole());
}

#[test]
fn quit_cancels_a_migration_first() {
    let mut hosts = pair_of_hosts();
    hosts.source.slow_down();
    hosts.migrate();
    hosts.source.wait_for("active");
    hosts.source.ask("quit", json!({}));
    let events = hosts.source.events_until("SHUTDOWN");
    assert_eq!(events, ["MIGRATION cancelling", "MIGRATION cancelled", "SHUTDOWN"]);
    assert_eq!(hosts.from.wait().unwrap().code(), Some(0));
    hosts.destination.wait_for("failed");
    assert!(hosts.to.socket().exists());
}

#[test]
fn a_migration_that_is_cancelled_at_its_limit_says_so() {
    let mut hosts = pair_of_hosts();
    hosts.source.slow_down();
    hosts.source.ask("migrate-set-parameters", json!({ "x-limit": 200 }));
    hosts.migrate();
    hosts.source.wait_for("cancelled");
    let why = hosts.source.migration()["error-desc"].to_string();
    assert!(why.contains("did not complete within its limit of 0.2 s (`x-limit`)"), "{why}");
    // The next one is not.
    hosts.source.ask("migrate-set-parameters", json!({ "x-limit": 0 }));
    hosts.source.ask("migrate", json!({ "uri": "unix:/nonexistent/m.sock" }));
    hosts.source.wait_for("failed");
    let why = hosts.source.migration()["error-desc"].to_string();
    assert!(!why.contains("x-limit"), "{why}");
}
