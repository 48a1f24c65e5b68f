//! Sessions with our own hosts, as they crossed the sockets, are runs of our own table; and a live host can be followed.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use migration_replay::Observation;
use migration_table::model::Table;
use serde_json::json;

use super::super::hosts::{Client, Host, built};
use super::recordings::{data, follow, read};

/// Two hosts with their clients; the guest is on the first.
struct Pair {
    source: Client,
    destination: Client,
    from: Host,
    to: Host,
}

impl Pair {
    fn start() -> Pair {
        let (from, to) = (Host::start(&[]), Host::start(&["--incoming", "tcp:127.0.0.1:0"]));
        let (source, destination) = (from.client(), to.client());
        Pair { source, destination, from, to }
    }

    /// Begins to move the guest.
    fn migrate(&mut self) {
        let uri = self.destination.listens_at();
        self.source.ask("migrate", json!({ "uri": uri }));
    }

    /// Both clients must have been told these statuses, and what they were told must be runs of the table.
    fn explain(&mut self, source: &[&str], destination: &[&str]) {
        explain(&mut self.source, source);
        explain(&mut self.destination, destination);
    }
}

/// What a client was told is a run of the table, with these statuses. Without one of them, or with one twice,
/// it is none.
fn explain(client: &mut Client, statuses: &[&str]) {
    let table = table();
    // What comes after the last event shows that it was the last one.
    client.ask("query-migrate", json!({}));
    let seen = read(client.recording());
    if let Err((index, error)) = follow(&table, &seen) {
        panic!("{}: {error}\n{}\n{}", seen[index].words, error.instead().join("\n"), client.recording());
    }
    let is_event = |index: &usize| matches!(seen[*index].observation, Observation::Published(_));
    let events: Vec<usize> = (0..seen.len()).filter(is_event).collect();
    let published = events.iter().map(|index| match &seen[*index].observation {
        Observation::Published(status) => status.as_str(),
        other @ (Observation::Started(_)
        | Observation::Command(_)
        | Observation::Reply { .. }
        | Observation::Decided { .. }
        | Observation::Ending
        | Observation::Exited) => panic!("{other:?} is no event"),
    });
    assert_eq!(published.collect::<Vec<_>>(), statuses);
    for index in events {
        let (mut dropped, mut doubled) = (seen.clone(), seen.clone());
        dropped.remove(index);
        doubled.insert(index, seen[index].clone());
        // An attempt can end before it gets to `active`, so without that one it may be a run.
        let may_be_a_run = seen[index].observation == Observation::Published("active".to_owned());
        assert!(
            may_be_a_run || follow(&table, &dropped).is_err(),
            "without {}:\n{}",
            seen[index].words,
            client.recording()
        );
        assert!(follow(&table, &doubled).is_err(), "with {} twice:\n{}", seen[index].words, client.recording());
    }
}

fn table() -> Table {
    migration_contract::load(include_str!("../../../../states.yaml")).table.expect("the table is sound")
}

#[test]
fn a_run_that_completes() {
    let mut pair = Pair::start();
    pair.source.capability("pause-before-switchover");
    pair.migrate();
    pair.source.wait_for("pre-switchover");
    pair.source.ask("migrate-continue", json!({ "state": "pre-switchover" }));
    pair.source.wait_for("completed");
    pair.destination.wait_for("completed");
    pair.explain(&["setup", "active", "pre-switchover", "device", "completed"], &["active", "completed"]);
    for host in [&pair.from, &pair.to] {
        let trace: String = host.trace().iter().map(|step| format!("{step}\n")).collect();
        assert!(follow(&table(), &read(&trace)).is_ok(), "{trace}");
        let damaged = trace.replace("\"publishes\":\"completed\"", "\"publishes\":\"none\"");
        assert!(follow(&table(), &read(&damaged)).is_err(), "{damaged}");
    }
}

#[test]
fn a_run_that_is_cancelled_and_another_one() {
    let mut pair = Pair::start();
    pair.source.slow_down();
    pair.source.ask("migrate_cancel", json!({}));
    pair.destination.refused("migrate_cancel", json!({}));
    pair.migrate();
    pair.source.wait_for("active");
    pair.source.refused("migrate", json!({ "uri": "tcp:127.0.0.1:1" }));
    pair.source.refused("migrate-continue", json!({ "state": "active" }));
    pair.source.ask("migrate_cancel", json!({}));
    pair.source.wait_for("cancelled");
    pair.destination.wait_for("failed");
    pair.explain(&["setup", "active", "cancelling", "cancelled"], &["active", "failed"]);
    pair.source.speed_up();
    pair.destination.ask("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }));
    pair.migrate();
    pair.source.wait_for("completed");
    pair.destination.wait_for("completed");
    let (cancelled, completed) =
        (["setup", "active", "cancelling", "cancelled"], ["setup", "active", "device", "completed"]);
    pair.explain(&[cancelled, completed].concat(), &["active", "failed", "setup", "active", "completed"]);
}

#[test]
fn runs_that_fail() {
    let mut pair = Pair::start();
    pair.source.ask("migrate", json!({ "uri": format!("unix:{}", pair.from.dir().join("nobody.sock").display()) }));
    pair.source.wait_for("failed");
    pair.source.slow_down();
    pair.migrate();
    pair.source.wait_for("active");
    pair.destination.wait_for("active");
    pair.to.kill();
    pair.source.wait_for("failed");
    explain(&mut pair.source, &["setup", "failing", "failed", "setup", "active", "failing", "failed"]);
}

/// Somebody who only looks on, through `replay --follow`, while a client of the host does as it likes.
#[test]
fn a_live_host_is_followed() {
    let mut pair = Pair::start();
    let mut follower = Command::new(built("xtask"))
        .args(["replay", "--follow"])
        .arg(pair.from.socket())
        .current_dir(data(".."))
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
    pair.source.slow_down();
    pair.migrate();
    pair.source.wait_for("active");
    pair.source.ask("migrate_cancel", json!({}));
    pair.source.wait_for("cancelled");
    pair.source.ask("quit", json!({}));
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("it says something");
    assert!(follower.wait().expect("it ends").success(), "{rest}");
    let statuses = rest.lines().filter_map(|line| line.split("\"status\":\"").nth(1)?.split('"').next());
    assert_eq!(statuses.collect::<Vec<_>>(), ["setup", "active", "cancelling", "cancelled"], "{rest}");
    assert!(rest.ends_with("is gone; all that it did is explained\n"), "{rest}");
}
