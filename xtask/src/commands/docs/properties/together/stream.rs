//! What the stream of QEMU carries between the two sides, where the guest runs, and what is left out.
//!
//! An event of one side that the work of the other causes is a wire. It is attached to the row after which the stream
//! can carry it, not to the row that reports that it did.

use migration_table::Span;
use migration_table::model::Table;
use migration_verify::{Bounds, Marker, System, Wire};

/// What is left out: `quit`, since it ends the process, checkpoints, since both sides run on purpose, and what is no
/// migration of memory between two sides.
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

/// The states of a release that others do not have.
struct Names {
    reconnects: &'static str,
    packs: &'static str,
    goes_on: &'static str,
    has_postcopy_device: bool,
}

fn names(table: &Table) -> Names {
    let has = |state: &str| table.machine("source").is_some_and(|found| found.state_id(state).is_some());
    let either = |newer, older| if has(newer) { newer } else { older };
    Names {
        reconnects: either("postcopy_recover_setup", "postcopy_reconnecting"),
        packs: either("device_postcopy", "postcopy_active"),
        goes_on: either("failing", "failed"),
        has_postcopy_device: has("postcopy_device"),
    }
}

/// The composition of the two sides of a release, for one attempt.
pub(super) fn system(table: &Table) -> System {
    let names = names(table);
    let stops = ["pre_switchover", "pre_switchover_postcopy", "device", names.packs, "completed"];
    let goes_on = [names.goes_on, "cancelling", "cancelling_late"];
    System {
        wires: wires(&names),
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

fn wires(names: &Names) -> Vec<Wire> {
    let begins = ["active", "active_postcopy", "wait_unplug", "wait_unplug_postcopy"];
    // The package is sent while no command can come, so it is on its way when the row that says so has fired.
    let package = |event: &str| match names.packs {
        "device_postcopy" => Wire { on: Some("package_sent".to_owned()), ..wire("source", &[names.packs], &[], event) },
        _ => wire("source", &[], &[names.packs], event),
    };
    let mut wires = vec![
        wire("source", &["preparing"], &begins, "connected"),
        wire("source", &[], &["device"], "loaded"),
        package("postcopy_listen"),
    ];
    if names.has_postcopy_device {
        wires.push(package("postcopy_run"));
    }
    wires.extend([
        wire("source", &[names.reconnects], &["postcopy_recover"], "connected"),
        wire("source", &[names.reconnects], &["postcopy_recover"], "postcopy_resumed"),
        wire("destination", &["postcopy_recover"], &["postcopy_active"], "resume_acked"),
    ]);
    if names.has_postcopy_device {
        wires.push(wire("destination", &["postcopy_device"], &["postcopy_active"], "package_loaded"));
    }
    if names.packs == "postcopy_active" {
        wires.push(wire("source", &["precopy"], &["completed", "cancelling_late"], "loaded"));
    }
    wires.push(wire("source", &[], &["postcopy_active"], "all_received"));
    wires
}

fn wire(from: &str, leaving: &[&str], entering: &[&str], event: &str) -> Wire {
    let to = if from == "source" { "destination" } else { "source" };
    let (from, to, event) = (from.to_owned(), to.to_owned(), event.to_owned());
    Wire { from, leaving: owned(leaving), entering: owned(entering), on: None, to, event }
}

fn marker(machine: &str, initially: bool, set_in: &[&str], cleared_in: &[&str]) -> Marker {
    let (name, machine) = ("runs".to_owned(), machine.to_owned());
    Marker {
        name,
        machine,
        initially,
        set_in: owned(set_in),
        cleared_in: owned(cleared_in),
        guard: None,
        span: Span::default(),
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
