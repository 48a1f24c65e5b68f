//! The program `migration-table`.

use std::process::ExitCode;

fn main() -> ExitCode {
    migration_cli::cli::main()
}
