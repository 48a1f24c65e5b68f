//! The command line: the commands of this package, and those of `migration-cli`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use migration_cli::cli::{self, AFTER_HELP};
use migration_cli::table_file::TableFile;

use crate::commands::{bench, bless, ci, demo, docs};

/// What maintainers and CI run.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = AFTER_HELP)]
struct Cli {
    /// The table [default: states.yaml of this workspace]
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
    OfTables(cli::Command),
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
    let cli = Cli::parse();
    let table = TableFile::new(cli.table);
    cli::finish(match cli.command {
        Command::Demo(arguments) => demo::run(&table, &arguments),
        Command::OfTables(command) => command.run(&table),
        Command::Docs(arguments) => docs::run(&table, &arguments),
        Command::Bless => bless::run(&table),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Ci(arguments) => ci::run(&table, &arguments),
    })
}
