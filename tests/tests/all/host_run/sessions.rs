//! Sessions with our own hosts, as they crossed the sockets, are runs of our own table.

use migration_replay::Observation;
use migration_table::model::Table;
use serde_json::Value;

use crate::all::replay::recordings::{follow, read};

/// What a client was told is a run of the table, with these statuses. Without one of them, or with one twice, it is not.
pub(super) fn explain_session(table: &Table, recording: &str, statuses: &[String]) {
    let seen = read(recording);
    if let Err((index, error)) = follow(table, &seen) {
        panic!("{}: {error}\n{}\n{recording}", seen[index].words, error.instead().join("\n"));
    }
    let status = |index: usize| {
        let Observation::Published(status) = &seen[index].observation else { return None };
        Some((index, status))
    };
    let published: Vec<(usize, &String)> = (0..seen.len()).filter_map(status).collect();
    assert!(published.iter().map(|(_, status)| *status).eq(statuses), "{published:?}, not {statuses:?}");
    for (index, status) in published {
        let (mut dropped, mut doubled) = (seen.clone(), seen.clone());
        dropped.remove(index);
        doubled.insert(index, seen[index].clone());
        // An attempt can end before it gets to `active`, and a cancel can come before the pause, so without these it may
        // be a run.
        let cancelled = statuses.last().is_some_and(|last| last == "cancelled");
        let may_be_a_run = status == "active" || (status == "pre-switchover" && cancelled);
        assert!(may_be_a_run || follow(table, &dropped).is_err(), "without {}:\n{recording}", seen[index].words);
        assert!(follow(table, &doubled).is_err(), "with {} twice:\n{recording}", seen[index].words);
    }
}

/// The trace of a host whose migration completed is a run of the table, and with another end it is not.
pub(super) fn explain_trace(table: &Table, trace: &[Value]) {
    let trace: String = trace.iter().map(|step| format!("{step}\n")).collect();
    assert!(follow(table, &read(&trace)).is_ok(), "{trace}");
    let damaged = trace.replace("\"publishes\":\"completed\"", "\"publishes\":\"none\"");
    assert!(follow(table, &read(&damaged)).is_err(), "{damaged}");
}
