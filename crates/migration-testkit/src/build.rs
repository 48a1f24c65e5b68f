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

/// What cargo tells a program that it runs about the package of that program, by the beginnings of the names.
const OF_THE_CALLER: [&str; 5] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_NAME", "CARGO_BIN_NAME", "OUT_DIR"];

/// Returns the cargo that runs this program, so that a build has the same toolchain.
///
/// It is not told which package this program is of. `ring` is built anew whenever that differs, with all that uses it.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if OF_THE_CALLER.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

/// Builds the program that is named after its package, and returns its path.
///
/// # Errors
/// When cargo cannot be run, or the package does not build.
pub fn program(package: &str, profile: Profile) -> Result<PathBuf> {
    let mut command = cargo();
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Cargo sets these for this test, as it does for `cargo xtask`.
    #[test]
    fn cargo_is_not_told_which_package_runs_it() {
        let cargo = cargo();
        let removed: Vec<_> = cargo.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_PKG_VERSION_MAJOR"] {
            assert!(std::env::var_os(name).is_some() && removed.contains(&name.as_ref()), "{name}: {removed:?}");
        }
    }
}
