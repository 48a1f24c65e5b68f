//! `ci`: runs everything that must hold before a change lands, and says what mends each failure.
//!
//! The steps are here and nowhere else, so that what CI runs is what a person runs. Cheap ones come first; all of them
//! run, since the second failure is as interesting as the first.

mod suite;
mod time;

use std::ffi::OsString;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use migration_cli::outcome::Outcome;
use migration_cli::output::{tell, to_stdout};
use migration_cli::table_file::TableFile;
use migration_testkit::build;

use crate::workspace;
use time::seconds;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Leaves out the tests and rustdoc
    #[arg(long)]
    fast: bool,
}

/// One thing that must hold.
struct Step {
    name: &'static str,
    program: Program,
    /// Variables that are set for it.
    variables: &'static [(&'static str, &'static str)],
    /// What to do when it fails.
    mend: &'static str,
    runs: Runs,
}

enum Program {
    /// Cargo, with these arguments.
    Cargo(&'static [&'static str]),
    /// A command of this program, on the same table.
    Xtask(&'static [&'static str]),
    Tests,
}

/// When a step is run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Runs {
    Always,
    /// It takes long, so it is left out with `--fast`.
    Whole,
    /// Otherwise another step does the same and more.
    Fast,
}

/// How a step ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Passed(Duration),
    Failed(Duration),
    /// For this reason.
    LeftOut(&'static str),
}

const STEPS: &[Step] = &[
    Step {
        name: "format",
        program: Program::Cargo(&["fmt", "--all", "--check"]),
        variables: &[],
        mend: "cargo fmt --all",
        runs: Runs::Always,
    },
    Step {
        name: "table",
        program: Program::Xtask(&["check"]),
        variables: &[],
        mend: "cargo xtask check, and follow its help lines",
        runs: Runs::Always,
    },
    Step {
        name: "both machines together",
        program: Program::Xtask(&["verify"]),
        variables: &[],
        mend: "cargo xtask verify, and change the rows that its counterexamples name",
        runs: Runs::Always,
    },
    Step {
        name: "packages",
        program: Program::Cargo(&[
            "package",
            "--workspace",
            "--exclude=migration-benches",
            "--exclude=migration-host",
            "--exclude=migration-interleavings",
            "--exclude=migration-macros-ui",
            "--exclude=migration-testkit",
            "--exclude=migration-tests",
            "--exclude=xtask",
            "--no-verify",
            "--allow-dirty",
            "--quiet",
        ]),
        variables: &[],
        mend: "give the package what it says is missing, in its Cargo.toml",
        runs: Runs::Always,
    },
    Step {
        name: "public API",
        program: Program::Xtask(&["api", "check"]),
        variables: &[],
        mend: "cargo xtask api check, and follow its last lines",
        runs: Runs::Always,
    },
    Step {
        name: "machines together",
        program: Program::Xtask(&["verify", "--releases"]),
        variables: &[],
        mend: "cargo xtask verify --releases, and change the rows that its runs name",
        runs: Runs::Always,
    },
    Step {
        name: "generated files",
        program: Program::Xtask(&["docs", "--check"]),
        variables: &[],
        mend: "cargo xtask docs",
        runs: Runs::Always,
    },
    Step {
        name: "dependency arrows, file sizes",
        program: Program::Cargo(&[
            "test",
            "--quiet",
            "--package",
            "migration-tests",
            "--test",
            "all",
            "--",
            "houses::",
        ]),
        variables: &[],
        mend: "cargo test -p migration-tests houses::, and move what it names",
        runs: Runs::Fast,
    },
    Step {
        name: "lints",
        program: Program::Cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--keep-going",
            // Clippy has whatever the macro uses built for itself. Optimising it takes longer than that saves.
            "--config=profile.dev.package.migration-contract.opt-level=0",
            "--config=profile.dev.package.migration-draw.opt-level=0",
            "--config=profile.dev.package.migration-table.opt-level=0",
            "--",
            "--deny",
            "warnings",
        ]),
        variables: &[],
        mend: "cargo clippy --workspace --all-targets --fix, and by hand what is left",
        runs: Runs::Always,
    },
    Step {
        name: "tests",
        program: Program::Tests,
        variables: &[],
        mend: "cargo test --workspace; if only snapshots differ and are right: cargo xtask bless",
        runs: Runs::Whole,
    },
    Step {
        name: "documentation",
        program: Program::Cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"]),
        variables: &[("RUSTDOCFLAGS", "--deny warnings")],
        mend: "cargo doc --workspace --no-deps --document-private-items, and mend what it warns of",
        runs: Runs::Whole,
    },
];

/// Runs the steps and prints a summary.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let mut endings = Vec::new();
    for (index, step) in STEPS.iter().enumerate() {
        let ending = match (step.runs, arguments.fast) {
            (Runs::Whole, true) => Ending::LeftOut("--fast"),
            (Runs::Fast, false) => Ending::LeftOut("among the tests"),
            (Runs::Always, _) | (Runs::Whole, false) | (Runs::Fast, true) => {
                tell(format_args!("\n[{}/{}] {}: {}", index + 1, STEPS.len(), step.name, command_line(step)))?;
                step.run(file)?
            }
        };
        if let Ending::Passed(time) | Ending::Failed(time) = ending {
            tell(format_args!(
                "[{}/{}] {}: {} in {}",
                index + 1,
                STEPS.len(),
                step.name,
                ending.word(),
                seconds(time)
            ))?;
        }
        endings.push(ending);
    }
    to_stdout(&summary(&endings))?;
    let is_failed = |ending: &Ending| matches!(ending, Ending::Failed(_));
    Ok(if endings.iter().any(is_failed) { Outcome::Findings } else { Outcome::Clean })
}

impl Step {
    fn run(&self, file: &TableFile) -> Result<Ending> {
        let start = Instant::now();
        let passed = match self.program {
            Program::Cargo(arguments) => self.succeeds(arguments, &[])?,
            // Not as this file, which the tests build anew.
            Program::Xtask(arguments) => {
                let table = file.arguments_in(&workspace::root());
                self.succeeds(&[&["xtask"], arguments].concat(), &table)?
            }
            Program::Tests => suite::run()?,
        };
        Ok(if passed { Ending::Passed(start.elapsed()) } else { Ending::Failed(start.elapsed()) })
    }

    /// Runs cargo and returns whether it succeeded.
    fn succeeds(&self, arguments: &[&str], further: &[OsString]) -> Result<bool> {
        let mut command = build::cargo();
        command.args(arguments).args(further).current_dir(workspace::root()).envs(self.variables.iter().copied());
        let status = command.status().with_context(|| format!("cannot run `{}`", command_line(self)))?;
        Ok(status.success())
    }
}

impl Ending {
    fn word(self) -> &'static str {
        match self {
            Ending::Passed(_) => "ok",
            Ending::Failed(_) => "FAILED",
            Ending::LeftOut(_) => "left out",
        }
    }
}

fn summary(endings: &[Ending]) -> String {
    let mut text = String::from("\nsummary\n");
    for (step, ending) in STEPS.iter().zip(endings) {
        let rest = match ending {
            Ending::Passed(time) => seconds(*time),
            Ending::Failed(time) => format!("{}   mend with: {}", seconds(*time), step.mend),
            Ending::LeftOut(why) => (*why).to_owned(),
        };
        text.push_str(&format!("  {:<9} {:<31} {rest}\n", ending.word(), step.name));
    }
    text
}

fn command_line(step: &Step) -> String {
    let variables: Vec<String> = step.variables.iter().map(|(name, value)| format!("{name}=\"{value}\" ")).collect();
    match step.program {
        Program::Cargo(arguments) => format!("{}cargo {}", variables.concat(), arguments.join(" ")),
        Program::Xtask(arguments) => format!("{}cargo xtask {}", variables.concat(), arguments.join(" ")),
        Program::Tests => "cargo test --workspace, several binaries at a time".to_owned(),
    }
}
