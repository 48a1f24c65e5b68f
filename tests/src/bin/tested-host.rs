//! The program `migration-host`, for these tests: a second build for its own package alone would use other features.

use std::process::ExitCode;

fn main() -> ExitCode {
    migration_host::program::main()
}
