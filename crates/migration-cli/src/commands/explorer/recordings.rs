//! Recordings for the page: each is followed as `replay` follows it, and the page plays what came of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use migration_replay::log::Seen;
use migration_replay::{Observation, Replay};
use migration_table::model::{StateId, Table};
use serde_json::{Value, json};

use crate::commands::recording::{Assumed, Follower, Recording};

/// How many bad lines the page lists. It counts the others.
const BAD_LINES_MAX: usize = 20;

/// Follows every recording as far as the table explains it.
pub(super) fn followed(table: &Table, table_name: &str, paths: &[PathBuf], assumed: &Assumed) -> Result<Vec<Value>> {
    assumed.fits(table, table_name)?;
    paths.iter().map(|path| follow(table, table_name, path, assumed)).collect()
}

fn follow(table: &Table, table_name: &str, path: &Path, assumed: &Assumed) -> Result<Value> {
    let recording = Recording::open(path)?;
    let is_late = recording.has_late_events(table)?;
    let assumed = if is_late { assumed.with_late_events() } else { assumed.clone() };
    let mut follower = Follower::new(table, &assumed);
    let mut moments = Vec::new();
    let stop = follower.follow_with(&recording, |seen, replay| moments.push(moment(seen, replay)))?;
    if let (Some(_), Some(last)) = (&stop, moments.last_mut()) {
        last["unexplained"] = json!(true);
    }
    let (kind, text) = match &stop {
        Some(stop) if stop.gave_up => ("wait", format!("line {}: {}", stop.line, stop.what)),
        Some(stop) => ("stop", format!("line {}: {}", stop.line, stop.what)),
        None => match follower.nothing(table_name) {
            Some(why) => ("wait", why),
            None => ("go", follower.explained(table_name)),
        },
    };
    let cut = follower.cut();
    let bad = follower.bad_lines.iter().take(BAD_LINES_MAX);
    Ok(json!({
        "name": recording.name,
        "verdict": { "kind": kind, "text": text },
        "instead": stop.map(|stop| stop.instead).unwrap_or_default(),
        "cut": cut,
        "bad": bad.map(|bad| json!({ "line": bad.line, "why": bad.why })).collect::<Vec<_>>(),
        "bad_count": follower.bad_lines.len(),
        "moments": moments,
    }))
}

/// What was seen, and for each machine of its process where it may be right after it (`now`) and where it may have come
/// since without anything to be seen (`later`).
pub(super) fn moment(seen: &Seen, replay: &Replay<'_>) -> Value {
    let status = match &seen.observation {
        Observation::Published(status) | Observation::Changed(status) => Some(status),
        Observation::Started(_)
        | Observation::Command(_)
        | Observation::Reply { .. }
        | Observation::Decided { .. }
        | Observation::Ending
        | Observation::Exited => None,
    };
    let places = replay.whereabouts(&seen.process);
    let ids = |states: &BTreeSet<StateId>| states.iter().map(|state| state.index()).collect::<Vec<_>>();
    json!({
        "line": seen.line,
        "process": seen.process,
        "words": seen.words,
        "status": status,
        "now": places.iter().map(|place| ids(&place.now)).collect::<Vec<_>>(),
        "later": places.iter().map(|place| ids(&place.later)).collect::<Vec<_>>(),
        "unexplained": false,
    })
}
