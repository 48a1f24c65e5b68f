//! Runs of real hosts, replayed against the interpreter: every step of both machines is one that the table explains,
//! and both come to the same end.

mod trace;

use migration_table::model::Table;
use serde_json::{Value, json};

use super::hosts::{Client, Host};
use trace::{Course, explain};

const STATES: &str = include_str!("../../../states.yaml");

/// Two hosts with their clients; the guest is on the first.
struct Two {
    from: Host,
    to: Host,
    source: Client,
    destination: Client,
}

impl Two {
    fn start() -> Two {
        let (from, to) = (Host::start(&[]), Host::start(&["--incoming", "tcp:127.0.0.1:0"]));
        let (source, destination) = (from.client(), to.client());
        Two { from, to, source, destination }
    }

    /// Begins to move the guest.
    fn migrate(&mut self) {
        let uri = self.destination.listens_at();
        self.source.ask("migrate", json!({ "uri": uri }));
    }

    /// Explains both sides, and compares their ends with what their clients are told.
    fn explain(&mut self) -> (Course, Course) {
        let courses =
            (course(&self.from, "source", &mut self.source), course(&self.to, "destination", &mut self.destination));
        for (host, machine) in [(&self.from, "destination"), (&self.to, "source")] {
            assert_eq!(explained(host, machine).state, "none");
        }
        courses
    }
}

/// Explains one side of one host, whose client must be told the same state.
fn course(host: &Host, machine: &str, client: &mut Client) -> Course {
    let course = explained(host, machine);
    assert_eq!(client.ask("query-migrate", json!({}))["x-state"], course.state.as_str());
    course
}

fn explained(host: &Host, machine: &str) -> Course {
    let (table, trace) = (table(), host.trace());
    let course = explain(&table, table.machine(machine).unwrap(), &trace);
    course.unwrap_or_else(|error| panic!("{machine}: {error}"))
}

fn table() -> Table {
    migration_contract::load(STATES).table.expect("the table is sound")
}

#[test]
fn a_migration_that_completes() {
    let mut two = Two::start();
    two.migrate();
    two.source.wait_for("completed");
    two.destination.wait_for("completed");
    let (source, destination) = two.explain();
    assert_eq!(source.published, ["setup", "active", "device", "completed"]);
    assert_eq!(destination.published, ["setup", "active", "completed"]);
    assert_eq!((source.fired, destination.fired), (8, 6));
    assert!(two.destination.is_whole());
}

#[test]
fn a_pause_before_the_switchover_that_goes_on() {
    let mut two = Two::start();
    two.source.capability("pause-before-switchover");
    two.migrate();
    two.source.wait_for("pre-switchover");
    two.source.refused("migrate-continue", json!({ "state": "active" }));
    two.source.ask("migrate-continue", json!({ "state": "pre-switchover" }));
    two.source.wait_for("completed");
    two.destination.wait_for("completed");
    let (source, destination) = two.explain();
    assert_eq!(source.published, ["setup", "active", "pre-switchover", "device", "completed"]);
    assert_eq!(source.answers, [2, 0, 0]);
    assert_eq!(destination.state, "completed");
}

#[test]
fn a_cancel_while_memory_moves_and_another_attempt() {
    let mut two = Two::start();
    two.source.slow_down();
    two.migrate();
    two.source.wait_for("active");
    two.source.ask("migrate_cancel", json!({}));
    two.source.wait_for("cancelled");
    two.destination.wait_for("failed");
    let (source, destination) = two.explain();
    assert_eq!((source.state.as_str(), destination.state.as_str()), ("cancelled", "failed"));
    two.source.speed_up();
    two.destination.ask("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }));
    two.migrate();
    two.source.wait_for("completed");
    two.destination.wait_for("completed");
    let (source, _) = two.explain();
    assert_eq!(
        source.published,
        ["setup", "active", "cancelling", "cancelled", "setup", "active", "device", "completed"]
    );
    assert_eq!(source.answers, [3, 0, 0]);
    assert!(two.destination.is_whole());
}

#[test]
fn a_cancel_before_the_switchover() {
    let mut two = Two::start();
    two.source.capability("pause-before-switchover");
    two.migrate();
    two.source.wait_for("pre-switchover");
    two.source.ask("migrate_cancel", json!({}));
    two.source.wait_for("cancelled");
    two.destination.wait_for("failed");
    let (source, _) = two.explain();
    assert_eq!(source.published, ["setup", "active", "pre-switchover", "cancelling", "cancelled"]);
    assert_eq!(two.source.runstate(), "running");
    assert!(two.source.is_whole());
}

#[test]
fn a_connection_that_is_refused() {
    let host = Host::start(&[]);
    let mut client = host.client();
    let nobody = format!("unix:{}", host.dir().join("nobody.sock").display());
    client.ask("migrate", json!({ "uri": nobody }));
    client.wait_for("failed");
    let course = course(&host, "source", &mut client);
    assert_eq!(course.published, ["setup", "failing", "failed"]);
    assert_eq!(client.runstate(), "running");
}

#[test]
fn a_destination_that_is_killed() {
    let mut two = Two::start();
    two.source.slow_down();
    two.migrate();
    two.source.wait_for("active");
    two.destination.wait_for("active");
    two.to.kill();
    two.source.wait_for("failed");
    let source = course(&two.from, "source", &mut two.source);
    assert_eq!(source.published, ["setup", "active", "failing", "failed"]);
    assert_eq!(explained(&two.to, "destination").state, "loading");
    assert!(two.source.is_whole());
}

#[test]
fn triggers_that_are_ignored_and_refused() {
    let mut two = Two::start();
    two.source.ask("migrate_cancel", json!({}));
    two.destination.refused("migrate_cancel", json!({}));
    two.destination.refused("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }));
    two.source.slow_down();
    two.migrate();
    two.source.wait_for("active");
    two.source.refused("migrate", json!({ "uri": "tcp:127.0.0.1:1" }));
    two.source.refused("migrate-continue", json!({ "state": "active" }));
    two.source.ask("migrate_cancel", json!({}));
    two.source.wait_for("cancelled");
    two.source.ask("migrate_cancel", json!({}));
    two.destination.wait_for("failed");
    two.destination.ask("migrate_cancel", json!({}));
    let (source, destination) = two.explain();
    assert_eq!(source.answers, [2, 2, 2]);
    // Asked when nothing is going on, it is the source's machine that answers to a cancel.
    assert_eq!(destination.answers, [1, 0, 2]);
}

/// The comparison is worth something: whatever is changed in a trace is found.
#[test]
fn a_trace_that_is_not_a_run_of_the_table_is_found() {
    let mut two = Two::start();
    two.source.capability("pause-before-switchover");
    two.source.ask("migrate_cancel", json!({}));
    two.migrate();
    two.source.wait_for("pre-switchover");
    two.source.refused("migrate", json!({ "uri": "tcp:127.0.0.1:1" }));
    two.source.ask("migrate_cancel", json!({}));
    two.source.wait_for("cancelled");
    let (table, trace) = (table(), two.from.trace());
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
