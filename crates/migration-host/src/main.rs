//! The program `migration-host`.

use std::process::ExitCode;

fn main() -> ExitCode {
    migration_host::program::main()
}
