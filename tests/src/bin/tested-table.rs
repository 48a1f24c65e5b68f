//! The program `migration-table`, for these tests: a second build for its own package alone would use other features.

use std::process::ExitCode;

fn main() -> ExitCode {
    migration_cli::cli::main()
}
