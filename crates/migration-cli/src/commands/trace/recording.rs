//! From a recording of QMP sessions to a run that explains it.
//!
//! A recording does not say everything, so several runs may explain it. The one with fewest rows is drawn for each
//! process; a step whose row some other run can do without is marked. What different processes do is numbered in the
//! order in which it is seen.

use std::path::Path;

use anyhow::{Result, bail};
use migration_draw::{Step, Trace};
use migration_replay::log::printable;
use migration_replay::{Run, Taken};
use migration_table::model::{StateId, Table};

use super::found::Found;
use crate::commands::recording::{Assumed, Follower, Recording};
use crate::outcome::Outcome;
use crate::output::{say, to_stderr};

/// Reads a recording and follows it as far as the table explains it.
pub(super) fn read<'t>(table: &'t Table, path: &Path, assumed: &Assumed) -> Result<Found<'t>> {
    let recording = Recording::open(path)?;
    let name = &printable(&recording.name);
    let is_late = recording.has_late_events(table)?;
    let assumed = if is_late { assumed.with_late_events() } else { assumed.clone() };
    let mut follower = Follower::new(table, &assumed).tracing();
    let stop = follower.follow_with(&recording, |_, _| {})?;
    for bad in &follower.bad_lines {
        say(format_args!("{name}:{}: {}", bad.line, printable(&bad.why)));
    }
    if let Some(stop) = stop.as_ref().filter(|stop| stop.gave_up) {
        bail!("no run of `{name}` can be drawn: line {}: {}", stop.line, printable(&stop.what));
    }
    if follower.seen == 0 {
        bail!(
            "`{name}` is neither a walk nor a recording: a walk begins with `table:` and `machine:`, as `migration-table \
             step SCRIPT --save FILE` writes it, and of what a QMP session shows there is nothing in it \
             (`migration-table replay --formats` lists what can be read)"
        );
    }
    if !follower.bad_lines.is_empty() {
        bail!("`{name}` is damaged: a run cannot be drawn with parts of it left out");
    }
    let runs = follower.replay.runs();
    let mut notes = notes(table, &runs);
    if let Some(stop) = &stop {
        let (line, what) = (stop.line, &stop.what);
        to_stderr(&format!("{name}:{line}: {stop}"));
        notes.push(format!("this is no run to its end: it stops before line {line} of the recording, where {what}"));
    } else if let Some(at) = follower.cut() {
        say(format_args!("{name}:{at}: the recording ends in the middle of this"));
    }
    let steps = numbered(&runs).into_iter().map(|(_, taken)| {
        let machine = table.machines[taken.machine].name.as_str();
        Step { machine, from: taken.from, row: taken.row, is_certain: taken.is_certain }
    });
    let trace = Trace { steps: steps.collect(), ends: ends(table, &runs), notes };
    Ok(Found { trace, outcome: if stop.is_some() { Outcome::Findings } else { Outcome::Clean }, different: Vec::new() })
}

/// The steps of all runs in the order of what was seen, each with the index of its run.
fn numbered(runs: &[Run]) -> Vec<(usize, Taken)> {
    let steps = runs.iter().enumerate().flat_map(|(at, run)| run.steps.iter().map(move |taken| (at, *taken)));
    let mut steps: Vec<(usize, Taken)> = steps.collect();
    // It is stable, and the steps of one run are in this order already.
    steps.sort_by_key(|(_, taken)| taken.seen);
    steps
}

/// Where runs end: in the machines that took steps.
fn ends<'t>(table: &'t Table, runs: &[Run]) -> Vec<(&'t str, StateId)> {
    let nothing_happened = runs.iter().all(|run| run.steps.is_empty());
    let machines = || table.machines.iter().enumerate();
    let of_run = |run: &Run| -> Vec<(&'t str, StateId)> {
        let went = |(at, _): &(usize, _)| nothing_happened || is_gone(run, *at);
        machines().filter(went).map(|(at, machine)| (machine.name.as_str(), run.ends[at])).collect()
    };
    runs.iter().flat_map(of_run).collect()
}

fn is_gone(run: &Run, machine: usize) -> bool {
    run.steps.iter().any(|taken| taken.machine == machine)
}

/// What a picture of the runs does not show by itself.
fn notes(table: &Table, runs: &[Run]) -> Vec<String> {
    let steps = numbered(runs);
    let gone: Vec<(usize, &Run)> = runs.iter().enumerate().filter(|(_, run)| !run.steps.is_empty()).collect();
    let mut notes = Vec::new();
    for (at, run) in &gone {
        let numbers = steps.iter().enumerate().filter(|(_, (of, _))| of == at).map(|(index, _)| index + 1);
        let process = if run.process.is_empty() { "the process".to_owned() } else { format!("`{}`", run.process) };
        if gone.len() > 1 {
            notes.push(format!("{process} takes {}", steps_in_words(&numbers.collect::<Vec<_>>())));
        }
        if !run.is_from_start {
            notes.push(format!("it is not known where {process} began; the nearest possibility is shown"));
        }
        for (index, machine) in table.machines.iter().enumerate().filter(|(index, _)| is_gone(run, *index)) {
            let others = run.may_end[index].iter().filter(|state| **state != run.ends[index]);
            let others: Vec<String> = others.map(|state| format!("`{}`", machine.state(*state).name)).collect();
            if !others.is_empty() {
                let (machine, others) = (&machine.name, others.join(", "));
                notes.push(format!("what is seen of {process} fits if its {machine} ends elsewhere, too: {others}"));
            }
        }
    }
    if steps.is_empty() {
        notes.push("no row of the table fires in what is seen".to_owned());
    }
    notes
}

/// Numbers in words, ranges together: `steps 1-3, 5`.
fn steps_in_words(numbers: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            Some(_) | None => ranges.push((*number, *number)),
        }
    }
    let word = |(first, last): &(usize, usize)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    let words: Vec<String> = ranges.iter().map(word).collect();
    format!("{} {}", if numbers.len() == 1 { "step" } else { "steps" }, words.join(", "))
}
