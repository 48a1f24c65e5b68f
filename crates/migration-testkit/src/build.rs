//! Programs of this workspace, built on demand.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// How a program is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// As in daily work.
    Dev,
    /// For measurements.
    Release,
}

/// Builds the program that is named after its package, and returns its path.
///
/// # Errors
/// When cargo cannot be run, or the package does not build.
pub fn program(package: &str, profile: Profile) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--package", package, "--bin", package]);
    command.arg("--message-format=json-render-diagnostics");
    match profile {
        Profile::Dev => {}
        Profile::Release => {
            command.arg("--release");
        }
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = command.current_dir(here).stderr(Stdio::inherit()).output().context("cargo cannot be run")?;
    ensure!(output.status.success(), "`{package}` does not build");
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let messages = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let mut programs = messages.filter(|message| message["target"]["name"] == package);
    let path = programs.find_map(|message| message["executable"].as_str().map(PathBuf::from));
    path.with_context(|| format!("cargo does not say where the program of `{package}` is"))
}
