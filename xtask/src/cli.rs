//! The command line: one grammar for all commands, so that scripts and people can rely on it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{
    api, bench, bless, check, ci, demo, diagram, docs, expand, explain, explorer, manual, races, replay, show, step,
    table,
};
use crate::outcome::Outcome;
use crate::table_file::TableFile;

const AFTER_HELP: &str = "Exit status: 0 nothing to report, 1 findings, 2 it could not run.\n\
                          Output goes to standard output unless `-o` names a file. NO_COLOR is honoured.";

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
    /// Says what is wrong with the table
    Check(check::Arguments),
    /// Explains a check, or lists all of them
    Explain(explain::Arguments),
    /// Says whether a recording of a QMP session is a run of the table
    Replay(replay::Arguments),
    /// Draws the machines
    Diagram(diagram::Arguments),
    /// Writes a page in which one walks over the machines, plays recordings and sees differences
    Explorer(explorer::Arguments),
    /// Guards the frozen side: what a client can observe, compared with what was released
    Api(api::Arguments),
    /// Prints the code that the macro generates from the table
    Expand(expand::Arguments),
    /// Prints what a machine says and does in every state
    Table(table::Arguments),
    /// Prints everything about a state, trigger, event, guard, status or group
    Show(show::Arguments),
    /// Prints who wins when two facts meet
    Races(races::Arguments),
    /// Walks over a machine, one fact at a time
    Step(step::Arguments),
    /// Writes the manual: the guide and a reference of the table, as one site
    Manual(manual::Arguments),
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
    let result = match cli.command {
        Command::Demo(arguments) => demo::run(&table, &arguments),
        Command::Check(arguments) => check::run(&table, &arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Replay(arguments) => replay::run(&table, &arguments),
        Command::Diagram(arguments) => diagram::run(&table, &arguments),
        Command::Explorer(arguments) => explorer::run(&table, &arguments),
        Command::Api(arguments) => api::run(&table, &arguments),
        Command::Expand(arguments) => expand::run(&table, &arguments),
        Command::Table(arguments) => table::run(&table, &arguments),
        Command::Show(arguments) => show::run(&table, &arguments),
        Command::Races(arguments) => races::run(&table, &arguments),
        Command::Step(arguments) => step::run(&table, &arguments),
        Command::Manual(arguments) => manual::run(&table, &arguments),
        Command::Docs(arguments) => docs::run(&table, &arguments),
        Command::Bless => bless::run(&table),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Ci(arguments) => ci::run(&table, &arguments),
    };
    let outcome = result.unwrap_or_else(|error| {
        // The reader of a pipe may stop early; that is no failure of the command.
        if error.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe) {
            return Outcome::Clean;
        }
        eprintln!("error: {error:#}");
        Outcome::CouldNotRun
    });
    outcome.into()
}
