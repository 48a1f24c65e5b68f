//! `bless`: accepts what the tests and the generators say now, and shows how much that changed.

use std::process::Command;

use anyhow::{Context, Result};

use crate::commands::docs;
use crate::workspace;
use migration_cli::outcome::Outcome;
use migration_cli::output::say;
use migration_cli::table_file::TableFile;
use migration_testkit::build;

/// Writes snapshots and generated files anew. Tests that fail for another reason are reported, but stop nothing.
pub(crate) fn run(file: &TableFile) -> Result<Outcome> {
    let generated = docs::write(file)?;
    let mut tests = build::cargo();
    tests.args(["test", "--workspace", "--no-fail-fast"]).env("INSTA_UPDATE", "always").env("TRYBUILD", "overwrite");
    let passed = tests.current_dir(workspace::root()).status().context("cannot run `cargo test`")?.success();

    let mut diff = Command::new("git");
    diff.args(["--no-pager", "diff", "--stat"]).current_dir(workspace::root());
    diff.status().context("cannot run `git diff --stat`")?;
    if !passed {
        say(format_args!(
            "some tests failed, or passed only with the new snapshots: run `cargo test --workspace` again"
        ));
    }
    Ok(if passed { generated } else { Outcome::Findings })
}
