//! Programs that are built to be measured: examples of a package of this workspace.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use migration_testkit::build as built;
use serde_json::Value;

/// Builds an example and returns the path of the program.
pub(super) fn build(root: &Path, package: &str, example: &str, profile: &str) -> Result<PathBuf> {
    artifact(root, &["--package", package, "--example", example, "--profile", profile], "executable")
}

/// Builds an example that needs what a package has for tests, and returns the path of the program.
pub(super) fn build_for_tests(root: &Path, package: &str, example: &str) -> Result<PathBuf> {
    let named = ["--package", package, "--example", example, "--features", "testing", "--profile", "release"];
    artifact(root, &named, "executable")
}

/// Builds a program of a package and returns its path.
pub(super) fn build_binary(root: &Path, package: &str, binary: &str, profile: &str) -> Result<PathBuf> {
    artifact(root, &["--package", package, "--bin", binary, "--profile", profile], "executable")
}

/// Builds a library or a proc-macro and returns the path of the file that the compiler loads.
pub(super) fn build_library(root: &Path, package: &str, profile: &str) -> Result<PathBuf> {
    artifact(root, &["--package", package, "--lib", "--profile", profile], "filenames")
}

/// Builds something, and returns the last path that cargo names under `key`.
fn artifact(root: &Path, arguments: &[&str], key: &str) -> Result<PathBuf> {
    let mut command = built::cargo();
    command.current_dir(root).arg("build").args(arguments).arg("--message-format=json-render-diagnostics");
    let output = command.stderr(Stdio::inherit()).output().context("cargo cannot be run")?;
    if !output.status.success() {
        bail!("what is to be measured does not build: {}", arguments.join(" "));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut paths = messages.filter_map(|message| {
        let value = &message[key];
        value.as_str().or_else(|| value[0].as_str()).map(PathBuf::from)
    });
    paths.next_back().context("cargo did not say where it put what it built")
}

/// What a program prints.
pub(super) fn text(program: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("{} cannot be run", program.display()))?;
    if !output.status.success() {
        bail!("{} {} failed", program.display(), arguments.join(" "));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The instructions of a whole run of a program, counted by callgrind.
pub(super) fn instructions(program: &Path, arguments: &[&str]) -> Result<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(program).args(arguments);
    let output = command.output().context("valgrind is not installed")?;
    let text = String::from_utf8_lossy(&output.stderr);
    let counted = text.lines().find_map(|line| line.split_once("Collected :"));
    let counted = counted.and_then(|(_, number)| number.trim().parse().ok());
    counted.with_context(|| format!("valgrind did not count: {}", text.lines().last().unwrap_or_default()))
}
