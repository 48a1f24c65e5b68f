//! What maintainers and CI run: `cargo xtask <COMMAND>`.
//!
//! Nothing is decided here about tables: the commands read files, call `migration-table`, and print.

mod api;
mod bench;
mod cli;
mod commands;
mod demo;
mod folder;
mod hosts;
mod outcome;
mod output;
mod table_file;
mod view;
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
