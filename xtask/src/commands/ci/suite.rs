//! The tests: built once, then run as many binaries at a time as there are processors.
//!
//! `cargo test` runs one binary after the other. Some wait most of their time, for a peer that does not answer or for a
//! limit to pass, so these run beside those that compute.

mod binary;
mod schedule;

use std::cmp::Reverse;

use anyhow::Result;
use migration_cli::output::{say, tell};

use super::time::seconds;
use schedule::Queues;

/// How many of the binaries that took longest are named: they decide how long the whole takes.
const SLOWEST: usize = 5;

/// Builds and runs all tests, and returns whether they passed.
pub(super) fn run() -> Result<bool> {
    let Some(binaries) = binary::built()? else { return Ok(false) };
    let (mut failed, mut times) = (Vec::new(), Vec::new());
    Queues::new(binaries).run(|done| {
        let word = if done.passed { "ok" } else { "FAILED" };
        tell(format_args!("\n{}\n{}{word} in {}", done.binary.command(), done.output, seconds(done.time)))?;
        if !done.passed {
            failed.extend(done.binary.alone(&done.output));
        }
        times.push((Reverse(done.time), done.binary.command()));
        Ok(())
    })?;
    times.sort();
    let slowest = times.iter().take(SLOWEST).map(|(time, command)| format!("  {:>7}  {command}\n", seconds(time.0)));
    tell(format_args!("\nthe slowest were\n{}", slowest.collect::<String>()))?;
    if !failed.is_empty() {
        say(format_args!("what failed is run alone by\n  {}", failed.join("\n  ")));
    }
    Ok(failed.is_empty())
}
