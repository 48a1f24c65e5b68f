//! Recordings for the page: each is followed as `replay` follows it, and the page plays what came of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;
use migration_replay::log::Seen;
use migration_replay::{Observation, Replay};
use migration_table::Invocation;
use migration_table::model::{Machine, StateId, Table};
use migration_verify::{Counterexample, Told};
use serde_json::{Value, json};

use crate::commands::recording::{Assumed, Follower, Recording};
use crate::commands::trace::{Shown, counterexamples};
use crate::output::say;

/// How many bad lines the page lists. It counts the others.
const BAD_LINES_MAX: usize = 20;

/// Follows every recording as far as the table explains it. The table has a name, and commands that are proposed name it.
pub(super) fn followed(
    table: &Table,
    named: (&str, &Invocation),
    paths: &[PathBuf],
    assumed: &Assumed,
) -> Result<Vec<Value>> {
    assumed.fits(table, named.0)?;
    let mut found = Vec::new();
    for path in paths {
        // Standard input can be read once only, and is a recording.
        match if path.as_os_str() == "-" { None } else { counterexamples(path)? } {
            Some(shown) => found.extend(shown.iter().map(|shown| played(table, path, shown))),
            None => found.push(follow(table, named, path, assumed)?),
        }
    }
    Ok(found)
}

/// A run of all machines, as the page plays recordings: what is known of it is certain.
fn played(table: &Table, path: &Path, shown: &Shown) -> Value {
    let run = &shown.run;
    let moment = |(number, step): (usize, &Told)| {
        let host = step.host.map_or("the network", |host| run.hosts[host].as_str());
        let places: Vec<Vec<usize>> = table.machines.iter().map(|machine| place(run, step, machine)).collect();
        json!({
            "line": number + 1,
            "process": "",
            "words": run.words(number),
            "status": step.publishes.last().map(|status| format!("{host}: {status}")),
            "now": places,
            "later": places,
            "unexplained": false,
        })
    };
    json!({
        "name": format!("{}: {}", path.display(), shown.name()),
        "verdict": { "kind": "stop", "text": format!("`{}` fails: {}", shown.property, run.because) },
        "instead": [],
        "cut": Value::Null,
        "bad": [],
        "bad_count": 0,
        "moments": run.steps.iter().enumerate().map(moment).collect::<Vec<_>>(),
    })
}

/// Where a machine is after a step: the state of the host that acts, or else of the first that runs the machine.
fn place(run: &Counterexample, step: &Told, machine: &Machine) -> Vec<usize> {
    let runs_it = |host: &usize| run.machines[*host] == machine.name;
    let host = step.host.filter(runs_it).or_else(|| (0..run.machines.len()).find(runs_it));
    let state = host.and_then(|host| machine.state_id(&step.states[host]));
    state.map(|state| state.index()).into_iter().collect()
}

fn follow(
    table: &Table,
    (table_name, invocation): (&str, &Invocation),
    path: &Path,
    assumed: &Assumed,
) -> Result<Value> {
    let recording = Recording::open(path)?;
    let is_late = recording.has_late_events(table)?;
    let assumed = if is_late { assumed.with_late_events() } else { assumed.clone() };
    let mut follower = Follower::new(table, &assumed);
    let mut moments = Vec::new();
    let stop = follower.follow_with(&recording, |seen, replay| moments.push(moment(seen, replay)))?;
    if let (Some(_), Some(last)) = (&stop, moments.last_mut()) {
        last["unexplained"] = json!(true);
    }
    let nothing = match &stop {
        Some(_) => None,
        None => follower.nothing(table_name).map(|why| invocation.fill(&why)),
    };
    let (kind, text) = match &stop {
        Some(stop) if stop.gave_up => ("wait", format!("line {}: {}", stop.line, stop.what)),
        Some(stop) => ("stop", format!("line {}: {}", stop.line, stop.what)),
        None => match nothing {
            Some(why) => {
                say(format_args!("note: {}: {why}", recording.name));
                ("wait", why)
            }
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
    let status = if let Observation::Published(status) | Observation::Changed(status) = &seen.observation {
        Some(status)
    } else {
        None
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
