//! `bench scale`: how the cost of a table grows with its states: reading, checking and expanding it, and building what it
//! becomes.
//!
//! Processor time, not time, so that whoever else uses the machine has little influence. What is compared is one size
//! with the one before: the exponent says how the cost grows, 1 is in proportion, 2 is with the square.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{Load, program};

const PACKAGE: &str = "migration-benches";
const PROGRAM: &str = "scale";

/// The packages of the macro and of what its code names.
const MACROS: &str = "migration-macros";
const ENGINE: &str = "migration-machine";

/// Numbers of states.
const SIZES: [u32; 4] = [10, 100, 1_000, 5_000];

/// The greatest of them that is built: more takes minutes.
const BUILT_MAX: u32 = 1_000;

/// The build that programs get, and the one that a proc-macro gets where its user asks for nothing else.
const PROFILES: [&str; 2] = ["release", "unoptimised"];

const STAGES: [&str; 3] = ["read", "check", "expand"];

/// One line of the report.
struct Line {
    what: String,
    how: String,
    /// Processor time in seconds, for as many of the sizes as were tried.
    seconds: Vec<f64>,
}

/// Measures everything and says what came of it.
pub(crate) fn run(root: &Path) -> Result<String> {
    let programs = PROFILES.map(|profile| (profile, program::build_binary(root, PACKAGE, PROGRAM, profile)));
    let library = |package: &str| program::build_library(root, package, "unoptimised");
    let libraries = [(MACROS, library(MACROS)?), (ENGINE, library(ENGINE)?)]
        .map(|(package, file)| format!("{}={}", package.replace('-', "_"), file.display()));
    let load = Load::now();
    let mut lines = Vec::new();
    let mut writer = PathBuf::new();
    for (profile, program) in programs {
        writer = program?;
        for shape in ["grouped", "flat"] {
            migration_cli::output::say(format_args!("{profile}, {shape} rows"));
            lines.extend(stages(&writer, profile, shape)?);
        }
    }
    migration_cli::output::say(format_args!("the compiler"));
    lines.extend(builds(root, &writer, &libraries)?);
    Ok(format!("{}{}\n", report(&lines), load.line()))
}

/// What each stage costs, and all of them.
fn stages(program: &Path, profile: &str, shape: &str) -> Result<Vec<Line>> {
    let line = |stage: &str| Line { what: stage.to_owned(), how: format!("{profile}, {shape}"), seconds: Vec::new() };
    let mut lines: Vec<Line> = STAGES.iter().chain(&["all three"]).map(|stage| line(stage)).collect();
    for states in SIZES {
        let text = program::text(program, &["cost", shape, &states.to_string()])?;
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut sum = 0.0;
        for (line, pair) in lines.iter_mut().zip(words.chunks(2)) {
            let [stage, nanoseconds] = pair else { bail!("the program says too little") };
            if *stage != line.what {
                bail!("the program speaks of `{stage}`, not of `{}`", line.what);
            }
            let seconds = nanoseconds.parse::<f64>().context("the program does not say how long it took")? / 1e9;
            line.seconds.push(seconds);
            sum += seconds;
        }
        lines.last_mut().expect("there is a line for the sum").seconds.push(sum);
    }
    Ok(lines)
}

/// What the compiler takes for the code of the macro, and for the macro with its code.
fn builds(root: &Path, writer: &Path, libraries: &[String; 2]) -> Result<Vec<Line>> {
    let folder = tempfile::tempdir()?;
    let path = |name: String| folder.path().join(name);
    let mut lines = [
        ("rustc on the code", "debug build"),
        ("rustc on the code", "release build"),
        ("macro and its code", "debug build"),
    ]
    .map(|(what, how)| Line { what: what.to_owned(), how: how.to_owned(), seconds: Vec::new() });
    for states in SIZES.into_iter().filter(|states| *states <= BUILT_MAX) {
        let (table, code, call) =
            (path(format!("{states}.yaml")), path(format!("code_{states}.rs")), path(format!("call_{states}.rs")));
        for (what, file) in [("table", &table), ("code", &code)] {
            let file = file.to_string_lossy();
            program::text(writer, &[what, "grouped", &states.to_string(), &file])?;
        }
        let text = format!("migration_macros::state_machine!(\"{states}.yaml\");\n");
        fs::write(&call, text).with_context(|| format!("{} cannot be written", call.display()))?;
        let [macros, engine] = libraries;
        let code_with = |level: &str| rustc(root, &code, &["-C", level, "--extern", engine]);
        lines[0].seconds.push(code_with("opt-level=0")?);
        lines[1].seconds.push(code_with("opt-level=3")?);
        let arguments = ["-C", "opt-level=0", "--extern", engine, "--extern", macros];
        lines[2].seconds.push(rustc(root, &call, &arguments)?);
    }
    Ok(lines.into())
}

/// The processor time of the compiler for a file that is a library.
fn rustc(root: &Path, file: &Path, arguments: &[&str]) -> Result<f64> {
    let before = of_children()?;
    let mut command = Command::new("rustc");
    command.current_dir(root).args(["--edition=2024", "--crate-type=lib", "--cap-lints=allow", "--emit=obj", "-o"]);
    command.arg(file.with_extension("o")).args(arguments).arg(file).stderr(Stdio::inherit());
    let status = command.status().context("rustc cannot be run")?;
    if !status.success() {
        bail!("{} does not compile", file.display());
    }
    Ok(of_children()? - before)
}

/// The processor time of all programs that this one has run to their end, in seconds.
fn of_children() -> Result<f64> {
    /// The kernel counts in hundredths of a second for everyone who asks.
    const TICKS: f64 = 100.0;
    let text = fs::read_to_string("/proc/self/stat").context("the kernel does not tell processor time")?;
    // The name of the program, in parentheses, may hold spaces. Then the third field comes.
    let fields = text.rsplit_once(')').map(|(_, fields)| fields.split_whitespace().collect::<Vec<_>>());
    let fields = fields.unwrap_or_default();
    let ticks = |field: usize| fields.get(field - 3).and_then(|field| field.parse::<f64>().ok());
    let (user, system) = (ticks(16), ticks(17));
    Ok((user.context("no user time")? + system.context("no system time")?) / TICKS)
}

/// The figures as a table, each size with the exponent of its growth from the one before.
fn report(lines: &[Line]) -> String {
    let mut text = "processor time in seconds, and the exponent with which it grew from the size before\n\n".to_owned();
    let _ = write!(text, "{:<19} {:<20}", "", "states");
    for states in SIZES {
        let _ = write!(text, " {states:>9}      ");
    }
    text.push('\n');
    for line in lines {
        let _ = write!(text, "{:<19} {:<20}", line.what, line.how);
        for (at, seconds) in line.seconds.iter().enumerate() {
            let _ = write!(text, " {seconds:>9.4}{:>6}", growth(line, at));
        }
        text.push('\n');
    }
    text + "\n"
}

fn growth(line: &Line, at: usize) -> String {
    let Some(before) = at.checked_sub(1) else { return String::new() };
    let states = f64::from(SIZES[at]) / f64::from(SIZES[before]);
    format!("^{:.2}", (line.seconds[at] / line.seconds[before]).ln() / states.ln())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_an_exponent() {
        let line = Line { what: String::new(), how: String::new(), seconds: vec![0.5, 5.0, 500.0] };
        assert_eq!(growth(&line, 0), "");
        assert_eq!(growth(&line, 1), "^1.00");
        assert_eq!(growth(&line, 2), "^2.00");
    }
}
