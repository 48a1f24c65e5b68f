//! How a command ended, and the exit status that says so.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to report.
    Clean,
    /// Something was found; it has been printed.
    Findings,
    /// The command could not do its work; the reason has been printed.
    CouldNotRun,
}

/// The error of a command that compares with another table, where that table has errors.
#[derive(Debug)]
pub struct BrokenTable(pub String);

impl fmt::Display for BrokenTable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Error for BrokenTable {}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        match outcome {
            Outcome::Clean => ExitCode::SUCCESS,
            Outcome::Findings => ExitCode::from(1),
            Outcome::CouldNotRun => ExitCode::from(2),
        }
    }
}
