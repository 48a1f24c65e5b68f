//! `bench advance`: what one call of the generated `advance` costs, in instructions and in nanoseconds.
//!
//! Instructions are counted by callgrind and are the same on every run of one binary. They are those of a loop that makes
//! the calls, less those of the same loop without them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Load;
use super::series::Series;
use crate::workspace;

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
    let program = build(root)?;
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

/// Builds the loops and returns the path of the program.
fn build(root: &Path) -> Result<PathBuf> {
    let mut command = Command::new(workspace::cargo());
    command.current_dir(root).args(["build", "--release", "--package", "migration-runtime", "--example", EXAMPLE]);
    command.arg("--message-format=json-render-diagnostics");
    let output = command.stderr(Stdio::inherit()).output().context("cargo cannot be run")?;
    if !output.status.success() {
        bail!("the program that calls `advance` does not build");
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let executable = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back();
    executable.context("cargo did not say where it put the program")
}

/// The time of one turn of a loop.
fn nanoseconds(program: &Path, what: &str) -> Result<f64> {
    let output = Command::new(program).args([what, &CALLS_TIMED.to_string()]).output();
    let output = output.with_context(|| format!("{} cannot be run", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let nanoseconds = text.split_whitespace().nth(1).and_then(|number| number.parse::<f64>().ok());
    Ok(nanoseconds.context("the program does not say how long it took")? / CALLS_TIMED as f64)
}

/// The instructions of a whole run of a loop.
fn instructions(program: &Path, what: &str) -> Result<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program);
    let output = command.args([what, &CALLS_COUNTED.to_string()]).output().context("valgrind is not installed")?;
    let text = String::from_utf8_lossy(&output.stderr);
    let counted = text.lines().find_map(|line| line.split_once("Collected :"));
    let counted = counted.and_then(|(_, number)| number.trim().parse().ok());
    counted.with_context(|| format!("valgrind did not count: {}", text.lines().last().unwrap_or_default()))
}
