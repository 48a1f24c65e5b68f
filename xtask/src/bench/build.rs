//! `bench build`: what `migration-macros` costs everyone who uses it: the time and the crates of a clean build.
//!
//! The yardstick is `syn`, which hardly any macro does without.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use migration_testkit::build;

use super::Load;
use super::series::Series;

const MACROS: &str = "migration-macros";
const YARDSTICK: &str = "syn@3";

/// Builds both from nothing, in turns, and says what came of it.
pub(crate) fn run(root: &Path, rounds: u32) -> Result<String> {
    let load = Load::now();
    let (mut macros, mut yardstick) = (Series::default(), Series::default());
    let (mut crates, mut crates_yardstick) = (0, 0);
    fetch(root)?;
    for round in 1..=rounds {
        migration_cli::output::say(format_args!("round {round} of {rounds}"));
        let (seconds, count) = build(root, MACROS)?;
        macros.push(seconds);
        crates = count;
        let (seconds, count) = build(root, YARDSTICK)?;
        yardstick.push(seconds);
        crates_yardstick = count;
    }
    Ok(format!(
        "clean build of `{MACROS}`, dev profile, median [least..greatest] of {rounds} rounds\n\
         {crates} crates in {macros} s; `{YARDSTICK}` alone is {crates_yardstick} crates in {yardstick} s; {} times as long\n\
         {}\n",
        macros.over(&yardstick),
        load.line(),
    ))
}

/// Has everything here that a build needs, so that none of them waits for the network.
fn fetch(root: &Path) -> Result<()> {
    let status = build::cargo().current_dir(root).args(["fetch", "--locked", "--quiet"]).status();
    match status.context("cargo cannot be run")?.success() {
        true => Ok(()),
        false => bail!("cargo cannot fetch the dependencies"),
    }
}

/// The seconds that a build from nothing takes, and the crates that are compiled in it.
fn build(root: &Path, package: &str) -> Result<(f64, usize)> {
    let folder = tempfile::tempdir()?;
    let mut command = build::cargo();
    command.current_dir(root).args(["build", "--locked", "--package", package, "--target-dir"]).arg(folder.path());
    let began = Instant::now();
    let output = command.output().context("cargo cannot be run")?;
    let seconds = began.elapsed().as_secs_f64();
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("`{package}` does not build:\n{text}");
    }
    Ok((seconds, text.lines().filter(|line| line.trim_start().starts_with("Compiling ")).count()))
}
