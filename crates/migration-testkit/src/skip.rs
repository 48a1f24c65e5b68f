//! Reports of tests that cannot run on this machine.

use std::io::Write;

/// Reports that something was skipped, and why, past the capture of a test's output.
pub fn skipped(why: impl std::fmt::Display) {
    // Not by a macro: the harness captures those while a test passes.
    drop(writeln!(std::io::stderr(), "skipped: {why}"));
}
