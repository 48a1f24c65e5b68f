//! `replay --together`: several recordings as one system.
//!
//! Each process is followed by itself first, which says when it can have sent each message of the table at the earliest.
//! Then again, with messages arriving only where another process can have sent them by then, and so on for as long as
//! that makes anything later. Clocks may be apart, so a message may seem to arrive a little before it was sent.

use anyhow::Result;
use migration_replay::Arrivals;
use migration_replay::log::printable;
use migration_table::model::Table;

use crate::commands::recording::{Assumed, Follower, Recording, Stop};
use crate::outcome::Outcome;
use crate::output::{say, to_stderr, to_stdout};
use crate::table_file::TableFile;

/// How often recordings are followed at most: each time something can only be sent later, or not at all.
const ROUNDS_MAX: usize = 16;

/// Follows all recordings as one system.
pub(super) fn run(
    table: &Table,
    file: &TableFile,
    recordings: &[Recording],
    skew: f64,
    assumed: &Assumed,
) -> Result<Outcome> {
    let mut late = false;
    for recording in recordings {
        late |= recording.has_late_events(table)?;
    }
    let assumed = &if late { assumed.with_late_events() } else { assumed.clone() };
    let (mut follower, mut stops) = round(table, recordings, None, assumed)?;
    let alone = stops.is_empty();
    for _ in 0..ROUNDS_MAX {
        if !stops.is_empty() {
            break;
        }
        let sent = follower.replay.arrivals(skew);
        let (next, found) = round(table, recordings, Some(sent.clone()), assumed)?;
        let is_settled = next.replay.arrivals(skew) == sent;
        (follower, stops) = (next, found);
        if is_settled {
            break;
        }
    }
    let alone = alone.then_some(skew);
    report(table, file, recordings, &follower, &stops, alone)
}

type Stops = Vec<(usize, Stop)>;

/// Follows every recording once.
fn round<'t>(
    table: &'t Table,
    recordings: &[Recording],
    arrivals: Option<Arrivals>,
    assumed: &Assumed,
) -> Result<(Follower<'t>, Stops)> {
    let mut follower = Follower::new(table, assumed);
    if let Some(arrivals) = arrivals {
        follower = follower.with_arrivals(arrivals);
    }
    let mut stops = Stops::new();
    for (at, recording) in recordings.iter().enumerate() {
        follower.next_recording(table);
        let prefix = if recordings.len() > 1 { recording.name.as_str() } else { "" };
        stops.extend(follower.follow(recording, prefix)?.into_iter().map(|stop| (at, stop)));
    }
    Ok((follower, stops))
}

/// Prints the verdict. `alone` is how far clocks may be apart, in seconds, if each process by itself is a run.
fn report(
    table: &Table,
    file: &TableFile,
    recordings: &[Recording],
    follower: &Follower<'_>,
    stops: &Stops,
    alone: Option<f64>,
) -> Result<Outcome> {
    let names: Vec<String> = recordings.iter().map(|recording| printable(&recording.name)).collect();
    for bad in &follower.bad_lines {
        say(format_args!("line {}: {}", bad.line, printable(&bad.why)));
    }
    for (at, stop) in stops {
        let text = format!("{}:{}: {stop}", names[*at], stop.line);
        if stop.gave_up {
            to_stderr(&text);
        } else {
            to_stdout(&text)?;
        }
    }
    if stops.iter().any(|(_, stop)| !stop.gave_up) {
        if let Some(skew) = alone {
            to_stdout(&format!(
                "each process by itself is a run: together they are none, because of what cannot have arrived. If their \
                 clocks are more than {:.0} ms apart, allow for it with `--skew-ms MS`\n",
                skew * 1e3
            ))?;
        }
        return Ok(Outcome::Findings);
    }
    if !stops.is_empty() {
        return Ok(Outcome::CouldNotRun);
    }
    if let Some(why) = follower.nothing(file.name()) {
        say(format_args!("{}: {}", names.join(", "), file.invocation().fill(&why)));
        return Ok(Outcome::CouldNotRun);
    }
    if table.messages.is_empty() {
        say(format_args!("`{}` has no messages: nothing that one process shows bears on another", file.name()));
    } else if !follower.replay.is_judged_together() {
        say(format_args!(
            "nothing is judged across processes: the recordings do not show when a process began or was commanded, so each \
             message of the table can have arrived at any time"
        ));
        to_stdout(&format!("{}: each process by itself {}\n", names.join(", "), follower.explained(file.name())))?;
        return Ok(Outcome::CouldNotRun);
    }
    to_stdout(&format!("{}: together {}\n", names.join(", "), follower.explained(file.name())))?;
    Ok(if follower.bad_lines.is_empty() { Outcome::Clean } else { Outcome::CouldNotRun })
}
