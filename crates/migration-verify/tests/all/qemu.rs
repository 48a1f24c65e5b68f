//! What is known of QEMU, found in the tables of its releases.
//!
//! The releases have no messages by which the guest is handed over. What the stream carries is said here as wires: an
//! event of one side that the work of the other causes. Wires are attached to the row after which the stream can carry
//! them, not to the row that reports that it did.

use std::path::Path;

use migration_table::model::Table;
use migration_verify::{Bounds, Claim, Composition, Graph, Marker, Outcome, Property, System, Verdict, Wire, decide};

use crate::tables::{owned, property, table};

/// What is left out. Without post-copy of memory nothing is paused; the tables do not say so.
const WITHOUT: [&str; 10] = [
    "quit",
    "save",
    "resized",
    "x_colo",
    "x_colo_here",
    "background_snapshot",
    "cpr_exec",
    "multifd",
    "dirty_bitmaps",
    "bitmaps_here",
];

fn release(number: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/tables/qemu-{number}.yaml"));
    std::fs::read_to_string(path).expect("the table of the release is there")
}

fn wire(from: &str, leaving: &[&str], entering: &[&str], event: &str) -> Wire {
    let to = if from == "source" { "destination" } else { "source" };
    Wire {
        from: from.to_owned(),
        leaving: owned(leaving),
        entering: owned(entering),
        on: None,
        to: to.to_owned(),
        event: event.to_owned(),
    }
}

/// What the stream carries, and where the guest runs. `quit` is left out, since it ends the process, and checkpoints
/// are, since both sides run on purpose.
fn system(table: &Table) -> System {
    let has = |machine: &str, state: &str| table.machine(machine).is_some_and(|found| found.state_id(state).is_some());
    let reconnects =
        if has("source", "postcopy_recover_setup") { "postcopy_recover_setup" } else { "postcopy_reconnecting" };
    let packs = if has("source", "device_postcopy") { "device_postcopy" } else { "postcopy_active" };
    // The package is sent while no command can come, so it is on its way when the row that says so has fired.
    let package = |event: &str| match packs {
        "device_postcopy" => Wire { on: Some("package_sent".to_owned()), ..wire("source", &[packs], &[], event) },
        _ => wire("source", &[], &[packs], event),
    };
    let mut wires = vec![
        wire(
            "source",
            &["preparing"],
            &["active", "active_postcopy", "wait_unplug", "wait_unplug_postcopy"],
            "connected",
        ),
        wire("source", &[], &["device"], "loaded"),
        package("postcopy_listen"),
        wire("source", &[reconnects], &["postcopy_recover"], "connected"),
        wire("source", &[reconnects], &["postcopy_recover"], "postcopy_resumed"),
        wire("destination", &["postcopy_recover"], &["postcopy_active"], "resume_acked"),
    ];
    if has("source", "postcopy_device") {
        wires.insert(3, package("postcopy_run"));
        wires.push(wire("destination", &["postcopy_device"], &["postcopy_active"], "package_loaded"));
    }
    if packs == "postcopy_active" {
        wires.push(wire("source", &["precopy"], &["completed", "cancelling_late"], "loaded"));
    }
    wires.push(wire("source", &[], &["postcopy_active"], "all_received"));
    let marker = |machine: &str, initially, set_in: &[&str], cleared_in: &[&str]| Marker {
        name: "runs".to_owned(),
        machine: machine.to_owned(),
        initially,
        set_in: owned(set_in),
        cleared_in: owned(cleared_in),
        guard: None,
    };
    let stops = ["pre_switchover", "pre_switchover_postcopy", "device", packs, "completed"];
    let goes_on = [if has("source", "failing") { "failing" } else { "failed" }, "cancelling", "cancelling_late"];
    System {
        wires,
        markers: vec![
            marker("source", true, &goes_on, &stops),
            marker("destination", false, &["completed", "postcopy_active"], &["failed"]),
        ],
        reconnects: vec![("source".to_owned(), "postcopy_recover".to_owned())],
        without: owned(&WITHOUT),
        bounds: Bounds { depth: 4, attempts: 1, kills: 0, ..Bounds::default() },
        ..System::default()
    }
}

fn judge(number: &str, also_without: &[&str], property: &Property) -> Verdict {
    let table = table(&release(number));
    let mut system = system(&table);
    system.without.extend(owned(also_without));
    let composition = Composition::new(&table, &system).expect("the names are right");
    let graph = Graph::explore(&composition, &mut |_| {});
    assert!(graph.figures().is_exhausted);
    assert_eq!(graph.figures().full_channels, 0, "the channels are deep enough");
    decide(&graph, property).expect("the names are right")
}

/// The verdicts of every release on one property: a word each, and the run for those that are asked for.
fn verdicts(claim: Claim, also_without: &[&str]) -> Vec<(&'static str, Verdict)> {
    let property = property("p", claim);
    let of_release = |number: &'static str| (number, judge(number, also_without, &property));
    ["9.0", "9.1", "10.0", "10.2", "11.0"].into_iter().map(of_release).collect()
}

fn failing(verdicts: &[(&'static str, Verdict)]) -> Vec<&'static str> {
    let failing = verdicts.iter().filter(|(_, verdict)| matches!(verdict.result, Outcome::Fails(_)));
    failing.map(|(number, _)| *number).collect()
}

fn run(verdicts: &[(&'static str, Verdict)], number: &str) -> String {
    let found = verdicts.iter().find(|(of, _)| *of == number);
    match &found.expect("the release is one of them").1.result {
        Outcome::Fails(counterexample) => counterexample.text(),
        other @ (Outcome::Holds { .. } | Outcome::Vacuous { .. } | Outcome::NotExhausted) => format!("{other:?}"),
    }
}

#[test]
fn both_sides_run_after_a_cancel_in_the_switchover() {
    // Recorded with 10.0.2: `cancel-in-switchover-40ms`, both answer `query-status` with `running`.
    let found = verdicts(Claim::AtMostOne("runs".to_owned()), &[]);
    assert_eq!(failing(&found), ["9.0", "9.1", "10.0", "10.2", "11.0"]);
    insta::assert_snapshot!(run(&found, "10.0"));
}

#[test]
fn both_sides_run_after_an_error_in_the_switchover() {
    let found = verdicts(Claim::AtMostOne("runs".to_owned()), &["cancel"]);
    assert_eq!(failing(&found), ["9.0", "9.1", "10.0", "10.2", "11.0"]);
    insta::assert_snapshot!(run(&found, "11.0"));
}

#[test]
fn an_error_at_the_end_of_post_copy_lets_the_source_go_on() {
    // Known from reading 11.0.3: only the locks of the disks stop it.
    let claim = Claim::After {
        when: "source enters postcopy_active".to_owned(),
        never: "source enters failing".to_owned(),
        until: None,
    };
    let verdict = judge("11.0", &[], &property("p", claim));
    insta::assert_snapshot!(run(&[("11.0", verdict)], "11.0"));
}

#[test]
fn a_cancel_was_accepted_while_the_destination_ran_the_guest() {
    // Refused since 10.0.
    let claim = Claim::After {
        when: "destination enters postcopy_active".to_owned(),
        never: "source accepts cancel".to_owned(),
        until: Some("source enters ended".to_owned()),
    };
    // In 11.0 a cancel is taken once more while a failed post-copy is cleaned up.
    assert_eq!(failing(&verdicts(claim, &["failed", "broken"])), ["9.0", "9.1"]);
}

#[test]
fn a_post_copy_whose_destination_failed_could_not_be_recovered() {
    // Mended in 10.2 by `postcopy-device`. In 11.0 a bad connection to the recovery port brings it back.
    let claim = Claim::Never("source.postcopy_paused and destination.failed".to_owned());
    let found = verdicts(claim.clone(), &["bad_channel"]);
    assert_eq!(failing(&found), ["9.0", "9.1", "10.0"]);
    insta::assert_snapshot!(run(&found, "10.0"));
    assert_eq!(failing(&verdicts(claim, &[])), ["9.0", "9.1", "10.0", "11.0"]);
}
