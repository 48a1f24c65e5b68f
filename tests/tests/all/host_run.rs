//! Runs of real hosts, replayed against the interpreter: every step of both machines is one that the table explains,
//! both come to the same end, and so is everything that their clients were told.

mod sessions;
mod trace;

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use migration_table::model::Table;
use migration_testkit::host::{Host, HostPair};
use migration_testkit::qmp::Client;
use serde_json::{Value, json};

use super::hosts::{pair, table_program};
use sessions::explain_session;
use trace::{Course, explain};

const STATES: &str = include_str!("../../../states.yaml");

/// Explains both sides by the table, from their traces and from what their clients were told.
fn explain_both(hosts: &mut HostPair) -> (Course, Course) {
    let courses =
        (course(&hosts.from, "source", &mut hosts.source), course(&hosts.to, "destination", &mut hosts.destination));
    for (host, machine) in [(&hosts.from, "destination"), (&hosts.to, "source")] {
        assert_eq!(explained(host, machine).state, "none");
    }
    courses
}

/// Explains one side of one host, whose client must be told the same state.
fn course(host: &Host, machine: &str, client: &mut Client) -> Course {
    let course = explained(host, machine);
    assert_eq!(client.migration()["x-state"], course.state.as_str());
    // A client connects when the destination listens already, so it is not told of that.
    let early = usize::from(machine == "destination");
    explain_session(&table(), client.recording(), &course.published[early..]);
    course
}

fn explained(host: &Host, machine: &str) -> Course {
    let (table, trace) = (table(), host.trace().expect("the host writes a trace"));
    let course = explain(&table, table.machine(machine).unwrap(), &trace);
    course.unwrap_or_else(|error| panic!("{machine}: {error}"))
}

fn table() -> Table {
    migration_contract::load(STATES).table.expect("the table is sound")
}

#[test]
fn a_migration_that_completes() {
    let mut hosts = pair();
    hosts.migrate();
    hosts.complete();
    let (source, destination) = explain_both(&mut hosts);
    assert_eq!(source.published, ["setup", "active", "device", "completed"]);
    assert_eq!(destination.published, ["setup", "active", "completed"]);
    assert_eq!((source.fired, destination.fired), (8, 6));
    assert!(hosts.destination.is_whole());
    for host in [&hosts.from, &hosts.to] {
        sessions::explain_trace(&table(), &host.trace().expect("the host writes a trace"));
    }
}

#[test]
fn a_pause_before_the_switchover_that_goes_on() {
    let mut hosts = pair();
    hosts.source.capability("pause-before-switchover").unwrap();
    hosts.migrate();
    hosts.source.wait_for("pre-switchover");
    hosts.source.refused("migrate-continue", json!({ "state": "active" }));
    hosts.source.ask("migrate-continue", json!({ "state": "pre-switchover" }));
    hosts.complete();
    let (source, destination) = explain_both(&mut hosts);
    assert_eq!(source.published, ["setup", "active", "pre-switchover", "device", "completed"]);
    assert_eq!(source.answers, [2, 0, 0]);
    assert_eq!(destination.state, "completed");
}

#[test]
fn a_cancel_while_memory_moves_and_another_attempt() {
    let mut hosts = pair();
    hosts.source.slow_down();
    hosts.migrate();
    hosts.source.wait_for("active");
    hosts.source.ask("migrate_cancel", json!({}));
    hosts.source.wait_for("cancelled");
    hosts.destination.wait_for("failed");
    let (source, destination) = explain_both(&mut hosts);
    assert_eq!((source.state.as_str(), destination.state.as_str()), ("cancelled", "failed"));
    hosts.source.speed_up();
    hosts.destination.ask("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }));
    hosts.migrate();
    hosts.complete();
    let (source, _) = explain_both(&mut hosts);
    assert_eq!(
        source.published,
        ["setup", "active", "cancelling", "cancelled", "setup", "active", "device", "completed"]
    );
    assert_eq!(source.answers, [3, 0, 0]);
    assert!(hosts.destination.is_whole());
}

#[test]
fn a_cancel_before_the_switchover() {
    let mut hosts = pair();
    hosts.source.capability("pause-before-switchover").unwrap();
    hosts.migrate();
    hosts.source.wait_for("pre-switchover");
    hosts.source.ask("migrate_cancel", json!({}));
    hosts.source.wait_for("cancelled");
    hosts.destination.wait_for("failed");
    let (source, _) = explain_both(&mut hosts);
    assert_eq!(source.published, ["setup", "active", "pre-switchover", "cancelling", "cancelled"]);
    assert_eq!(hosts.source.runstate(), "running");
    assert!(hosts.source.is_whole());
}

#[test]
fn a_connection_that_is_refused_and_a_destination_that_is_killed() {
    let mut hosts = pair();
    hosts.source.ask("migrate", json!({ "uri": format!("unix:{}", hosts.from.dir().join("nobody.sock").display()) }));
    hosts.source.wait_for("failed");
    assert_eq!(course(&hosts.from, "source", &mut hosts.source).published, ["setup", "failing", "failed"]);
    assert_eq!(hosts.source.runstate(), "running");
    hosts.source.slow_down();
    hosts.migrate();
    hosts.source.wait_for("active");
    hosts.destination.wait_for("active");
    hosts.to.kill().unwrap();
    hosts.source.wait_for("failed");
    let source = course(&hosts.from, "source", &mut hosts.source);
    assert_eq!(source.published[3..], ["setup", "active", "failing", "failed"]);
    assert_eq!(explained(&hosts.to, "destination").state, "loading");
    assert!(hosts.source.is_whole());
}

#[test]
fn triggers_that_are_ignored_and_refused() {
    let mut hosts = pair();
    hosts.source.ask("migrate_cancel", json!({}));
    hosts.destination.refused("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }));
    hosts.source.slow_down();
    hosts.migrate();
    hosts.source.wait_for("active");
    hosts.source.refused("migrate", json!({ "uri": "tcp:127.0.0.1:1" }));
    hosts.source.refused("migrate-continue", json!({ "state": "active" }));
    hosts.source.ask("migrate_cancel", json!({}));
    hosts.source.wait_for("cancelled");
    hosts.source.ask("migrate_cancel", json!({}));
    hosts.destination.wait_for("failed");
    hosts.destination.ask("migrate_cancel", json!({}));
    let (source, destination) = explain_both(&mut hosts);
    assert_eq!(source.answers, [2, 2, 2]);
    // Asked when nothing is going on, it is the source's machine that answers to a cancel.
    assert_eq!(destination.answers, [1, 0, 1]);
}

/// Another client only looks on, through `replay --follow`, while the first one does as it likes.
#[test]
fn a_live_host_is_followed() {
    let mut hosts = pair();
    let mut follower = Command::new(table_program())
        .args(["replay", "--follow"])
        .arg(hosts.from.socket())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program that was built can be run");
    let mut said = BufReader::new(follower.stdout.take().expect("standard output is a pipe"));
    let mut line = String::new();
    // From its question for the status on, it misses nothing.
    while !line.contains("\"id\":\"query-migrate\"") {
        line.clear();
        assert!(said.read_line(&mut line).expect("it says something") > 0, "it has ended");
    }
    hosts.source.slow_down();
    hosts.migrate();
    hosts.source.wait_for("active");
    hosts.source.ask("migrate_cancel", json!({}));
    hosts.source.wait_for("cancelled");
    hosts.source.ask("quit", json!({}));
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("it says something");
    assert!(follower.wait().expect("it ends").success(), "{rest}");
    let statuses = rest.lines().filter_map(|line| line.split("\"status\":\"").nth(1)?.split('"').next());
    assert_eq!(statuses.collect::<Vec<_>>(), ["setup", "active", "cancelling", "cancelled"], "{rest}");
    assert!(rest.ends_with("is gone; all that it did is explained\n"), "{rest}");
}

/// The comparison is worth something: whatever is changed in a trace is found.
#[test]
fn a_trace_that_is_not_a_run_of_the_table_is_found() {
    let mut hosts = pair();
    hosts.source.capability("pause-before-switchover").unwrap();
    hosts.source.ask("migrate_cancel", json!({}));
    hosts.migrate();
    hosts.source.wait_for("pre-switchover");
    hosts.source.refused("migrate", json!({ "uri": "tcp:127.0.0.1:1" }));
    hosts.source.ask("migrate_cancel", json!({}));
    hosts.source.wait_for("cancelled");
    let (table, trace) = (table(), hosts.from.trace().unwrap());
    let machine = table.machine("source").unwrap();
    let sound = explain(&table, machine, &trace).unwrap();
    assert_eq!(sound.state, "cancelled");
    let mut changed = 0;
    for (at, line) in trace.iter().enumerate() {
        for key in line.as_object().unwrap().keys().filter(|key| !["machine", "at-us", "cause"].contains(&key.as_str()))
        {
            let mut damaged = trace.clone();
            damaged[at][key] = another(&line[key]);
            let found = explain(&table, machine, &damaged).as_ref() != Ok(&sound);
            // The number after that of no guards is the bit of a trigger, which is no guard either.
            assert!(found || key == "guards", "`{key}` of step {}: {}", at + 1, damaged[at]);
            changed += 1;
        }
    }
    assert!(changed > 60, "{changed}");
}

/// A value that could stand in its place.
fn another(value: &Value) -> Value {
    match value {
        Value::Null => json!("cancelled"),
        Value::Bool(is) => json!(!is),
        Value::Number(number) => json!(number.as_u64().unwrap() + 1),
        Value::String(text) if text == "cancel" => json!("continue"),
        Value::String(text) if text == "cancelled" => json!("failed"),
        Value::String(_) => json!("cancel"),
        Value::Array(_) | Value::Object(_) => panic!("a step has no lists"),
    }
}
