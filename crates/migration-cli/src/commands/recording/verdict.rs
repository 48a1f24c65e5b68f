//! The verdict on one recording.

use anyhow::Result;
use migration_replay::Observation;
use migration_replay::log::printable;
use migration_table::model::Table;

use super::follower::{Assumed, Follower, Stop};
use super::input::Recording;

/// The verdict on a recording that shows nothing.
const NOTHING: &str =
    "nothing in it that a QMP session shows: `migration-table replay --formats` lists what can be read";

/// How many rare events of a table are tried where something is not explained.
const RARE_EVENTS_MAX: usize = 8;

/// What became of a recording.
pub(in crate::commands) struct Verdict<'t> {
    pub(in crate::commands) follower: Follower<'t>,
    /// What is not explained, of each process the first.
    pub(in crate::commands) stops: Vec<Stop>,
    /// The line of something that has no end, because the recording has one.
    pub(in crate::commands) cut: Option<usize>,
}

impl<'t> Verdict<'t> {
    /// Follows a recording. Where its own events show that they come late, that is allowed for; where that is the only
    /// obstacle, it is suggested.
    pub(in crate::commands) fn on(recording: &Recording, table: &'t Table, assumed: &Assumed) -> Result<Verdict<'t>> {
        let mut verdict = Verdict::as_assumed(recording, table, assumed)?;
        if verdict.stops.iter().all(|stop| stop.gave_up) || assumed.late_events {
            return Ok(verdict);
        }
        if recording.has_late_events(table)? {
            return Verdict::as_assumed(recording, table, &assumed.with_late_events());
        }
        for stop in verdict.stops.iter_mut().filter(|stop| !stop.gave_up) {
            stop.instead.extend(obstacle(recording, table, assumed, stop)?);
        }
        verdict.suggest_rare_events(recording, table, assumed)?;
        Ok(verdict)
    }

    /// Suggests the rare events each of which alone explains all of a process.
    fn suggest_rare_events(&mut self, recording: &Recording, table: &Table, assumed: &Assumed) -> Result<()> {
        for event in assumed.further_events(table).into_iter().take(RARE_EVENTS_MAX) {
            let other = Verdict::as_assumed(recording, table, &assumed.with_event(event))?;
            for stop in self.stops.iter_mut().filter(|stop| !stop.gave_up) {
                if other.stops.iter().all(|other| other.process != stop.process) {
                    stop.instead.push(format!("with `--assume {event}`, a rare event of the table, it is a run"));
                }
            }
        }
        Ok(())
    }

    /// Follows a recording with nothing but what is assumed.
    pub(in crate::commands) fn as_assumed(
        recording: &Recording,
        table: &'t Table,
        assumed: &Assumed,
    ) -> Result<Verdict<'t>> {
        let mut follower = Follower::new(table, assumed);
        let stops = follower.follow(recording, "")?;
        let cut = follower.log.finish();
        Ok(Verdict { follower, stops, cut })
    }
}

impl Follower<'_> {
    /// The verdict on a recording all of which is explained.
    pub(in crate::commands) fn explained(&self, table_name: &str) -> String {
        let (lines, passed_over) = (self.before.0 + self.log.lines(), self.before.1 + self.log.passed_over());
        let mut figures = vec![count(lines, "line"), count(self.seen, "observation")];
        if self.concerned.len() > 1 {
            figures.push(count(self.concerned.len(), "process"));
        }
        if passed_over > 0 {
            figures.push(format!("{} passed over", count(passed_over, "line")));
        }
        let middle = match self.replay.is_only_looked_on() {
            true => ", of a process that began before it was looked at, or that others command",
            false => "",
        };
        format!("a run of `{table_name}` ({}){middle}", figures.join(", "))
    }

    /// Why there is no verdict, if nothing in the recording means anything to the table. A command in it is to be filled in
    /// as [`Invocation::fill`](migration_table::Invocation::fill) does.
    pub(in crate::commands) fn nothing(&self, table_name: &str) -> Option<String> {
        if !self.concerned.is_empty() {
            return None;
        }
        Some(match self.seen.max(self.log.messages()) {
            _ if self.seen == 0 && !self.left_out.is_empty() => {
                let name = |process: &String| match process.as_str() {
                    "" => "one without a name".to_owned(),
                    process => format!("`{}`", printable(process)),
                };
                let names: Vec<String> = self.left_out.iter().map(name).collect();
                format!("nothing in it of the process that `--only` names; it is about {}", names.join(", "))
            }
            0 if self.log.is_unreadable() => "it cannot be read".to_owned(),
            0 => NOTHING.to_owned(),
            seen => format!("{} in it, and none means anything to `{table_name}`", count(seen, "observation")),
        })
    }

    /// What else a reader should know, a line each.
    pub(in crate::commands) fn notes(&self, name: &str) -> Vec<String> {
        let of_log = self.log.notes().map(|(line, note)| format!("{name}:{line}: {note}"));
        let told: Vec<String> = self.replay.unreasoned().iter().map(|told| format!("`{told}`")).collect();
        let untold = format!("{name}: a reason is missing where the table gives one: {}", told.join(" or "));
        of_log.chain((!told.is_empty()).then_some(untold)).map(|note| printable(&note)).collect()
    }

    /// The line of something that has no end, because the recording has one.
    pub(in crate::commands) fn cut(&mut self) -> Option<usize> {
        self.log.finish()
    }
}

/// What is late, if the only thing against a process is that its events are written late: what is not explained, if that
/// is an event, or else the next one.
fn obstacle(recording: &Recording, table: &Table, assumed: &Assumed, stop: &Stop) -> Result<Option<String>> {
    let mut follower = Follower::new(table, &assumed.with_late_events());
    let mut late: Option<(usize, String)> = None;
    let other = follower.follow_with(recording, |seen, _| {
        if let Observation::Published(status) = &seen.observation
            && late.is_none()
            && (seen.line > stop.line || (stop.is_event && seen.line == stop.line))
            && seen.process == stop.process
        {
            late = Some((seen.line, status.clone()));
        }
    })?;
    if other.is_some_and(|other| other.process == stop.process) {
        return Ok(None);
    }
    const RUN: &str = "with `--late-events`, which allows for that, it is a run";
    Ok(late.map(|(line, status)| match stop.is_event {
        true => format!("status `{status}` may have been published before what stands above it: {RUN}"),
        false => format!("status `{status}`, which is published before, comes in line {line}: {RUN}"),
    }))
}

fn count(number: usize, what: &str) -> String {
    match (number, what) {
        (1, _) => format!("1 {what}"),
        (_, "process") => format!("{number} processes"),
        _ => format!("{number} {what}s"),
    }
}
