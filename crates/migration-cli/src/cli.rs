//! The command line: one grammar for all commands, so that scripts and people can rely on it.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use migration_replay::log::printable;

use crate::commands::{
    api, check, coverage, diagram, expand, explain, explorer, init, manual, mutate, paths, races, replay, schema, show,
    step, table, verify,
};
use crate::outcome::{BrokenTable, Outcome};
use crate::output::{is_output_lost, say};
use crate::streams::{is_stderr_closed, is_stdout_closed};
use crate::tables::Tables;

/// What `--help` ends with.
pub const AFTER_HELP: &str = "Exit status: 0 nothing to report, 1 findings, 2 it could not run or could not write its output.\n\
                              Output goes to standard output unless `-o` names a file. NO_COLOR is honoured.";

/// Checks, draws, explains and guards a table of states.
#[derive(Debug, Parser)]
#[command(name = "migration-table", version, after_help = AFTER_HELP)]
struct Cli {
    /// The table; `-` is standard input, but not for `api` [default: the nearest states.yaml, from this directory upwards]
    #[arg(long, global = true, value_name = "FILE")]
    table: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

/// A command of the program, with its arguments.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Writes a first table, its frozen side and a workflow for CI
    Init(init::Arguments),
    /// Checks tables and reports what is wrong with them
    Check(check::Arguments),
    /// Explains a check or a rule of the public API, or lists all of them
    Explain(explain::Arguments),
    /// Prints the answers and the effects of a machine in every state
    Table(table::Arguments),
    /// Prints everything about a state, trigger, event, guard, status or group
    Show(show::Arguments),
    /// Prints which transition wins when several facts are present together
    Races(races::Arguments),
    /// Walks over a machine, one fact at a time
    Step(step::Arguments),
    /// Runs the machines together, whatever happens between them, and reports what goes wrong
    Verify(verify::Arguments),
    /// Makes one small mistake after the other in the table and reports which ones nothing notices
    Mutate(mutate::Arguments),
    /// Writes walks that take every row of a machine, or every pair of rows
    Paths(paths::Arguments),
    /// Lists the rows that no walk and no recording takes, and the walks that come out differently
    Coverage(coverage::Arguments),
    /// Draws the machines
    Diagram(diagram::Arguments),
    /// Writes a page for walking over the machines, playing recordings and seeing differences
    Explorer(explorer::Arguments),
    /// Checks whether a recording of a QMP session is a run of the table
    Replay(replay::Arguments),
    /// Guards the public API: compares what clients can observe with what was released
    Api(api::Arguments),
    /// Writes a book about the table, for mdBook: the guide and a reference
    Manual(manual::Arguments),
    /// Prints the code that the macro generates from the table
    Expand(expand::Arguments),
    /// Prints the JSON Schema of tables, for editors
    Schema(schema::Arguments),
}

impl Command {
    /// Carries out the command.
    ///
    /// # Errors
    ///
    /// Returns why the command could not do its work.
    pub fn run(&self, tables: &Tables) -> Result<Outcome> {
        match self {
            Command::Init(arguments) => init::run(tables, arguments),
            Command::Schema(arguments) => schema::run(arguments),
            Command::Check(arguments) => check::run(tables, arguments),
            Command::Explain(arguments) => explain::run(tables.invocation(), arguments),
            Command::Replay(arguments) => replay::run(&tables.file()?, arguments),
            Command::Diagram(arguments) => diagram::run(&diagram::table(tables, arguments)?, arguments),
            Command::Explorer(arguments) => explorer::run(&tables.file_on_disk()?, arguments),
            Command::Api(arguments) => api::run(tables, arguments),
            Command::Expand(arguments) => expand::run(tables, arguments),
            Command::Table(arguments) => table::run(tables, arguments),
            Command::Show(arguments) => show::run(&tables.file()?, arguments),
            Command::Races(arguments) => races::run(tables, arguments),
            Command::Step(arguments) => step::run(&step::table(tables, arguments)?, arguments),
            Command::Verify(arguments) => verify::run(tables, arguments),
            Command::Mutate(arguments) => mutate::run(tables, arguments),
            Command::Paths(arguments) => paths::run(&tables.file_on_disk()?, arguments),
            Command::Coverage(arguments) => coverage::run(&coverage::table(tables, arguments)?, arguments),
            Command::Manual(arguments) => manual::run(&tables.file_on_disk()?, arguments),
        }
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    match parsed::<Cli>() {
        Ok(cli) => finish(cli.command.run(&Tables::new(&program(), cli.table))),
        Err(status) => status,
    }
}

/// Reads the command line of this process. Where it asks for help, or makes no sense, prints what is to be said and
/// returns the exit status.
///
/// # Errors
///
/// Returns the exit status of a process that has nothing left to do.
pub fn parsed<P: Parser>() -> Result<P, ExitCode> {
    P::try_parse().map_err(|said| {
        let is_closed = if said.use_stderr() { is_stderr_closed() } else { is_stdout_closed() };
        let printed = said.print().and_then(|()| std::io::stdout().flush());
        let status = if is_closed || printed.is_err() { Some(2) } else { u8::try_from(said.exit_code()).ok() };
        status.map_or(ExitCode::FAILURE, ExitCode::from)
    })
}

/// Returns the program as the user started it: by its name, or by a path where it is not on the search path.
fn program() -> String {
    let started = std::env::args().next().filter(|program| program.contains(std::path::is_separator));
    started.unwrap_or_else(|| "migration-table".to_owned())
}

/// Prints the error of a command that could not do its work, and returns the exit status: that of findings where a table
/// has errors. A command whose words could
/// not be written has not done its work.
pub fn finish(result: Result<Outcome>) -> ExitCode {
    let outcome = result.unwrap_or_else(|error| {
        say(format_args!("error: {}", printable(&format!("{error:#}"))));
        if error.is::<BrokenTable>() { Outcome::Findings } else { Outcome::CouldNotRun }
    });
    if is_output_lost() { Outcome::CouldNotRun.into() } else { outcome.into() }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// The examples at the end of the help of a command, each as words.
    fn examples(help: &str) -> Vec<Vec<String>> {
        let joined = help.replace("\\\n     ", "");
        let lines = joined.lines().filter_map(|line| line.strip_prefix("  migration-table"));
        // What follows after a gap, or goes to another program, is no part of the command.
        let ends = |line: &str| ["   ", " | ", " && ", " < ", " > "].iter().filter_map(|end| line.find(end)).min();
        let words = |line: &str| shlex::split(&line[..ends(line).unwrap_or(line.len())]);
        lines.map(|line| words(line).unwrap_or_else(|| panic!("a quote is open in `{line}`"))).collect()
    }

    fn try_examples(command: &clap::Command, seen: &mut usize) {
        for command in command.get_subcommands() {
            if command.has_subcommands() {
                try_examples(command, seen);
                continue;
            }
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let examples = examples(&help);
            let is_own = |example: &Vec<String>| example.iter().any(|word| word == command.get_name());
            assert!(examples.iter().any(is_own), "`{}` has no example", command.get_name());
            for example in examples {
                *seen += 1;
                let words = [&["migration-table".to_owned()][..], &example].concat();
                assert!(Cli::try_parse_from(&words).is_ok(), "{}", Cli::try_parse_from(&words).unwrap_err());
            }
        }
    }

    fn try_lines(command: &clap::Command) {
        command.get_subcommands().for_each(try_lines);
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines: Vec<&str> = help.lines().collect();
        for pair in lines.windows(2) {
            let is_prose = |line: &str| !line.is_empty() && !line.starts_with(' ');
            let is_open = !pair[0].ends_with(['.', ':']);
            let is_broken = is_prose(pair[0]) && is_prose(pair[1]) && is_open && pair[0].len() > 80;
            assert!(!is_broken, "`{}`: the terminal wraps again what was wrapped: {}", command.get_name(), pair[0]);
        }
        for line in lines.iter().filter(|line| line.starts_with("  ")) {
            assert!(line.len() <= 94, "`{}`: an example is wrapped: {line}", command.get_name());
        }
    }

    #[test]
    fn help_is_wrapped_once() {
        try_lines(&Cli::command());
    }

    #[test]
    fn every_command_has_examples_that_it_takes() {
        let mut seen = 0;
        try_examples(&Cli::command(), &mut seen);
        assert!(seen >= 40, "{seen} examples");
    }
}
