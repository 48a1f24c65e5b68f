//! Every recording is explained by the table of the release that it was made with.

use std::fs;
use std::path::PathBuf;

use migration_contract::load;
use migration_replay::log::{Log, Seen};
use migration_replay::{Replay, Unexplained};
use migration_table::model::Table;

/// A recording: its name and what was seen, in order.
pub(super) struct Recording {
    pub(super) name: String,
    pub(super) seen: Vec<Seen>,
}

#[test]
fn every_recording_is_a_run_of_its_release() {
    let table = table("10.0");
    let recordings = recordings();
    assert!(recordings.len() >= 49, "only {} recordings", recordings.len());
    for recording in recordings {
        if let Err((line, error)) = follow(&table, &recording.seen) {
            panic!("{}: {}: {error}\n{}", recording.name, recording.seen[line].words, error.instead().join("\n"));
        }
    }
}

/// A recording tells releases apart where they differ in what it shows.
#[test]
fn a_recording_is_refused_by_a_release_that_differs() {
    for (name, release) in [
        ("precopy-tcp-success", "9.1"),
        ("postcopy-success", "11.0"),
        ("postcopy-pause-recover", "9.0"),
        ("connection-refused-then-success", "11.0"),
        ("cancel-in-postcopy-device-state", "9.1"),
    ] {
        let recordings = recordings();
        let recording = recordings.iter().find(|recording| recording.name == name).expect("there is such a recording");
        assert!(follow(&table(release), &recording.seen).is_err(), "{name} is explained by {release}");
    }
}

pub(super) fn table(release: &str) -> Table {
    let path = data("tables").join(format!("qemu-{release}.yaml"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    load(&text).table.unwrap_or_else(|| panic!("{} cannot be resolved", path.display()))
}

/// All recordings, in the order of their names.
pub(super) fn recordings() -> Vec<Recording> {
    let files = fs::read_dir(data("data/traces")).expect("there are recordings");
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("it can be listed").path()).collect();
    paths.sort();
    paths.iter().map(recording).collect()
}

/// Follows a recording; where it is refused, the index of what is not explained, and why.
pub(crate) fn follow(table: &Table, seen: &[Seen]) -> Result<(), (usize, Unexplained)> {
    let mut replay = Replay::new(table);
    for (index, seen) in seen.iter().enumerate() {
        replay.observe(&seen.process, &seen.observation).map_err(|error| (index, error))?;
    }
    Ok(())
}

/// What the lines of a recording say.
pub(crate) fn read(text: &str) -> Vec<Seen> {
    let mut log = Log::default();
    let seen = text.split_inclusive('\n').flat_map(|line| log.read(line));
    seen.map(|seen| seen.unwrap_or_else(|error| panic!("line {}: {error}", error.line))).collect()
}

pub(super) fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn recording(path: &PathBuf) -> Recording {
    let text = fs::read_to_string(path).expect("a recording can be read");
    let name = path.file_stem().expect("a recording has a name").to_string_lossy().into_owned();
    Recording { name, seen: read(&text) }
}
