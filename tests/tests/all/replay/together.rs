//! Two recordings of one migration are one system: a message arrives only where the other side can have sent it.

use std::fs;

use migration_contract::load;
use migration_replay::log::{Log, Seen};
use migration_replay::{Arrivals, Replay, Unexplained};
use migration_table::model::Table;

use super::recordings::data;

fn own() -> Table {
    let text = fs::read_to_string(data("../states.yaml")).expect("the project has a table");
    load(&text).table.expect("it makes sense")
}

/// A session as one side shows it: the command, then statuses at times.
fn session(command: &str, statuses: &[(&str, f64)]) -> String {
    let mut text = "{\"execute\": \"migrate-set-capabilities\", \"arguments\": {\"capabilities\": [{\"capability\": \
                    \"events\", \"state\": true}]}}\n{\"return\": {}}\n"
        .to_owned();
    text += &format!("{{\"execute\": \"{command}\", \"arguments\": {{\"uri\": \"tcp:x:1\"}}}}\n");
    for (at, (status, time)) in statuses.iter().enumerate() {
        if *status == "cancelling" {
            text += "{\"execute\": \"migrate_cancel\"}\n";
        }
        let (seconds, micros) = (time.trunc(), (time.fract() * 1e6).round());
        text += &format!(
            "{{\"timestamp\": {{\"seconds\": {seconds}, \"microseconds\": {micros}}}, \"event\": \"MIGRATION\", \"data\": \
             {{\"status\": \"{status}\"}}}}\n"
        );
        if at == 0 {
            text += "{\"return\": {}}\n";
        }
    }
    text
}

fn read(table: &Table, text: &str) -> Vec<Seen> {
    let mut log = Log::new(table);
    text.lines().flat_map(|line| log.read(line)).map(|seen| seen.expect("it makes sense")).collect()
}

fn round<'t>(
    table: &'t Table,
    sides: &[(&str, Vec<Seen>)],
    arrivals: Option<Arrivals>,
) -> Result<Replay<'t>, (String, Unexplained)> {
    let mut replay = Replay::new(table);
    if let Some(arrivals) = arrivals {
        replay = replay.with_arrivals(arrivals);
    }
    for (name, seen) in sides {
        for seen in seen {
            let explained = replay.observe_at(name, seen.time, &seen.observation);
            explained.map_err(|error| (format!("{name}: {}", seen.words), error))?;
        }
    }
    Ok(replay)
}

/// Follows both sides as one system; what is not explained.
fn together(table: &Table, source: &str, destination: &str, skew: f64) -> Option<String> {
    let sides = [("source", read(table, source)), ("destination", read(table, destination))];
    let mut replay = match round(table, &sides, None) {
        Ok(replay) => replay,
        Err((what, error)) => panic!("{what} is not even explained alone: {error}\n{}", error.instead().join("\n")),
    };
    for _ in 0..16 {
        let sent = replay.arrivals(skew);
        replay = match round(table, &sides, Some(sent.clone())) {
            Ok(next) if next.arrivals(skew) == sent => return None,
            Ok(next) => next,
            Err((what, error)) => return Some(format!("{what}: {error}; {}", error.instead().join("; "))),
        };
    }
    None
}

const SOURCE: &[(&str, f64)] = &[("setup", 10.0), ("active", 11.0), ("device", 12.0), ("completed", 13.0)];
const DESTINATION: &[(&str, f64)] = &[("setup", 9.0), ("active", 10.5), ("completed", 12.9)];

#[test]
fn two_sides_of_one_migration_are_one_system() {
    let table = own();
    let (source, destination) = (session("migrate", SOURCE), session("migrate-incoming", DESTINATION));
    for skew in [0.0, 0.5, 10.0] {
        assert_eq!(together(&table, &source, &destination, skew), None, "{skew}");
    }
}

#[test]
fn what_could_not_have_been_sent_yet_does_not_arrive() {
    let table = own();
    let source = session("migrate", SOURCE);
    let early = session("migrate-incoming", &[("setup", 1.0), ("active", 2.0), ("completed", 12.9)]);
    let refused = together(&table, &source, &early, 0.5).expect("nothing connects to it before 10.0");
    assert!(refused.starts_with("destination: event `MIGRATION` with status `active`"), "{refused}");
    assert!(refused.contains("no other process can have sent"), "{refused}");
    // Their clocks are that far apart.
    assert_eq!(together(&table, &source, &early, 9.0), None);
}

#[test]
fn a_source_that_gave_up_has_not_handed_over() {
    let table = own();
    let source = session("migrate", &[("setup", 10.0), ("active", 11.0), ("cancelling", 12.0), ("cancelled", 12.1)]);
    let destination = session("migrate-incoming", DESTINATION);
    let refused = together(&table, &source, &destination, 60.0).expect("the guest was not handed over");
    assert!(refused.contains("`completed`"), "{refused}");
    let failed = session("migrate-incoming", &[("setup", 9.0), ("active", 10.5), ("failed", 12.9)]);
    assert_eq!(together(&table, &source, &failed, 1.0), None);
}
