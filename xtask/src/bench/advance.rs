//! `bench advance`: what one call of the generated `advance` costs, in instructions and in nanoseconds.
//!
//! Instructions are counted by callgrind and are the same on every run of one binary. They are those of a loop that makes
//! the calls, less those of the same loop without them.

use std::path::Path;

use anyhow::{Context, Result};

use super::series::Series;
use super::{Load, program};

const PACKAGE: &str = "migration-runtime";
const EXAMPLE: &str = "advance";

/// How many calls callgrind watches.
const CALLS_COUNTED: u64 = 1_000_000;

/// How many calls are timed: long enough for a clock, short enough for patience.
const CALLS_TIMED: u64 = 100_000_000;

/// The two loops.
const WITH: &str = "with";
const WITHOUT: &str = "without";

/// Counts and times, and says what came of it.
pub(crate) fn run(root: &Path, rounds: u32) -> Result<String> {
    let program = program::build(root, PACKAGE, EXAMPLE, "release")?;
    let load = Load::now();
    let (mut with, mut without, mut call) = (Series::default(), Series::default(), Series::default());
    for _ in 0..rounds {
        let (long, short) = (nanoseconds(&program, WITH)?, nanoseconds(&program, WITHOUT)?);
        with.push(long);
        without.push(short);
        call.push(long - short);
    }
    let counted = match (instructions(&program, WITH), instructions(&program, WITHOUT)) {
        (Ok(with), Ok(without)) => {
            let each = (with as f64 - without as f64) / CALLS_COUNTED as f64;
            format!("{each:.1} instructions (callgrind, {CALLS_COUNTED} calls)")
        }
        (Err(why), _) | (_, Err(why)) => format!("skipped: {why:#}"),
    };
    Ok(format!(
        "one call of `advance` on the way through a migration that completes and one that is cancelled\n\
         {counted}\n\
         {call} ns, median [least..greatest] of {rounds} rounds of {CALLS_TIMED} calls; a turn of the loop takes {with} \
         ns with the call and {without} ns without it: {} times as long\n\
         {}\n",
        with.over(&without),
        load.line(),
    ))
}

/// The time of one turn of a loop.
fn nanoseconds(program: &Path, what: &str) -> Result<f64> {
    let text = program::text(program, &[what, &CALLS_TIMED.to_string()])?;
    let nanoseconds = text.split_whitespace().nth(1).and_then(|number| number.parse::<f64>().ok());
    Ok(nanoseconds.context("the program does not say how long it took")? / CALLS_TIMED as f64)
}

/// The instructions of a whole run of a loop.
fn instructions(program: &Path, what: &str) -> Result<u64> {
    program::instructions(program, &[what, &CALLS_COUNTED.to_string()])
}
