//! `bench verify`: how fast the machines of tables are searched together, beside SPIN on the same configurations, and
//! how fast a search that is written by hand for one model is, beside SPIN and stateright on the same model.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::{Load, program};

const PACKAGE: &str = "migration-benches";
const SEARCHER: &str = "verify";
const PROGRAM: &str = "migration-cli";

/// The tables that SPIN searches too: those of releases make a model that takes it minutes to compile.
const BESIDE_SPIN: [&str; 2] = ["states.yaml", "crates/migration-verify/tests/tables/propolis.yaml"];
const RELEASES: [&str; 5] = ["9.0", "9.1", "10.0", "10.2", "11.0"];
/// Depth of channels, attempts, rounds of memory and cuts of the model that is written by hand.
const MODEL: [(&str, &str); 4] = [("DEPTH", "6"), ("RUNS", "4"), ("ROUNDS", "20"), ("CUTS", "20")];
/// The same model for SPIN.
const MODEL_FOR_SPIN: &str = "crates/migration-benches/src/bin/verify/model.pml";
/// How often the whole program is started.
const STARTS: usize = 10;

/// Measures everything and says what came of it.
pub(crate) fn run(root: &Path) -> Result<String> {
    let searcher = program::build_binary(root, PACKAGE, SEARCHER, "release")?;
    let whole = program::build_binary(root, PROGRAM, "migration-table", "release")?;
    let load = Load::now();
    let mut out =
        String::from("search                                     configurations        steps   M/s     MiB\n");
    let of_model = |how| [[how].as_slice(), MODEL.map(|(_, number)| number).as_slice()].concat();
    line(&mut out, "a model by hand", &program::text(&searcher, &of_model("model"))?)?;
    line(&mut out, "  stateright on the same", &program::text(&searcher, &of_model("stateright"))?)?;
    let model = root.join(MODEL_FOR_SPIN);
    let model = fs::read_to_string(&model).with_context(|| format!("cannot read `{}`", model.display()))?;
    beside_spin(&mut out, &model, &MODEL.map(|(name, number)| format!("-D{name}={number}")))?;
    let releases = RELEASES.map(|release| format!("tests/tables/qemu-{release}.yaml"));
    for table in BESIDE_SPIN.iter().map(|table| (*table).to_owned()).chain(releases) {
        let path = root.join(&table).display().to_string();
        for text in program::text(&searcher, &[&path])?.lines() {
            let name = if text.contains(":whole ") { format!("{table}, whole check") } else { table.clone() };
            line(&mut out, &name, text)?;
        }
        if BESIDE_SPIN.contains(&table.as_str()) {
            beside_spin(&mut out, &program::text(&searcher, &["promela", &path])?, &[])?;
        }
    }
    let _ = writeln!(out, "`verify` with the start of its process: {:.1} ms", start(root, &whole)? * 1e3);
    let _ = writeln!(out, "{}", load.line());
    Ok(out)
}

/// Writes a line of the searcher as a line of the report.
fn line(out: &mut String, name: &str, text: &str) -> Result<()> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, configurations, steps, seconds, bytes] = words.as_slice() else { bail!("the searcher says `{text}`") };
    let per_second = configurations.parse::<f64>()? / seconds.parse::<f64>()? / 1e6;
    let mib = bytes.parse::<f64>()? / f64::from(1 << 20);
    let _ = writeln!(out, "{name:<44} {configurations:>12} {steps:>12} {per_second:>5.2} {mib:>7.1}");
    Ok(())
}

/// Lets SPIN search a model, with these definitions, where SPIN and a C compiler are installed.
fn beside_spin(out: &mut String, model: &str, definitions: &[String]) -> Result<()> {
    let spin = std::env::var_os("SPIN").map_or_else(|| PathBuf::from("spin"), PathBuf::from);
    if Command::new(&spin).arg("-V").output().is_err() {
        let _ = writeln!(out, "  skipped: SPIN is not installed (`apt-get install spin`, or name it in SPIN)");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("model.pml"), model)?;
    let command = |program: &Path, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).current_dir(folder.path()).output();
        output.with_context(|| format!("{} cannot be run", program.display()))
    };
    let translated = definitions.iter().map(String::as_str).chain(["-a", "model.pml"]);
    command(&spin, &translated.collect::<Vec<_>>())?;
    let flags = ["-O2", "-w", "-DSAFETY", "-DNOREDUCE", "-DNOCLAIM", "-DVECTORSZ=2048", "-o", "pan", "pan.c"];
    command(Path::new("cc"), &flags)?;
    let started = Instant::now();
    let report = command(&folder.path().join("pan"), &["-m10000000", "-w24"])?;
    let seconds = started.elapsed().as_secs_f64();
    let report = String::from_utf8_lossy(&report.stdout).into_owned();
    let number = |what: &str| {
        let line = report.lines().find(|line| line.contains(what))?;
        line.split_whitespace().next().map(str::to_owned)
    };
    let states = number("states, stored").context("SPIN does not say how many states it stored")?;
    let steps = number("transitions (=").unwrap_or_default();
    let mib: f64 = number("total actual memory usage").and_then(|text| text.parse().ok()).unwrap_or_default();
    let bytes = mib * f64::from(1 << 20);
    line(out, "  SPIN on the same", &format!("spin {states} {steps} {seconds:.6} {bytes}"))
}

/// The seconds of the fastest of some runs of the program on the table of the workspace.
fn start(root: &Path, program: &Path) -> Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..STARTS {
        let started = Instant::now();
        let output =
            Command::new(program).arg("verify").current_dir(root).output().context("the program cannot run")?;
        if !output.status.success() {
            bail!("`verify` fails: {}", String::from_utf8_lossy(&output.stdout));
        }
        best = best.min(started.elapsed().as_secs_f64());
    }
    Ok(best)
}
