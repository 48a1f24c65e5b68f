//! The command line: the commands of this package, and those of `migration-cli`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use migration_cli::cli::{self, AFTER_HELP};
use migration_cli::tables::Tables;

use crate::commands::{bench, bless, ci, demo, docs};
use crate::workspace;

/// What maintainers and CI run.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = AFTER_HELP)]
struct Cli {
    /// The table; `-` is standard input [default: the nearest states.yaml, from this directory upwards]
    #[arg(long, global = true, value_name = "FILE")]
    table: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Moves a guest between two processes while it runs, and proves that it arrived
    Demo(demo::Arguments),
    #[command(flatten)]
    OfTables(Box<cli::Command>),
    /// Writes everything in the repository that is generated from the table
    Docs(docs::Arguments),
    /// Accepts what the tests and generators say now: snapshots and generated files
    Bless,
    /// Measures something, beside what this machine can do
    Bench(bench::Arguments),
    /// Runs everything that must hold before a change lands
    Ci(ci::Arguments),
}

/// Runs the command line of this process.
pub(crate) fn run() -> ExitCode {
    let cli: Cli = match cli::parsed() {
        Ok(cli) => cli,
        Err(status) => return status,
    };
    let tables = Tables::new("cargo xtask", cli.table).or(workspace::root().join("states.yaml"));
    cli::finish(match cli.command {
        Command::Demo(arguments) => tables.file().and_then(|table| demo::run(&table, &arguments)),
        Command::OfTables(command) => command.run(&tables),
        Command::Docs(arguments) => tables.file().and_then(|table| docs::run(&table, &arguments)),
        Command::Bless => tables.file().and_then(|table| bless::run(&table)),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Ci(arguments) => tables.file().and_then(|table| ci::run(&table, &arguments)),
    })
}
