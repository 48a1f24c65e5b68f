//! Upkeep of this repository: `cargo xtask <COMMAND>`. Everything else is handed to `migration-cli`.

mod bench;
mod cli;
mod commands;
mod demo;
mod workspace;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
