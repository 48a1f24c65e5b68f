//! A program with tests in it, as cargo built it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use migration_testkit::build;
use serde_json::Value;

use crate::workspace;

/// The arguments of cargo that select the tests. Another selection would be built with other features.
const SELECTION: [&str; 2] = ["test", "--workspace"];

/// What is run at once and reports at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binary {
    pub(super) package: String,
    /// The arguments of cargo that select it among those of its package.
    pub(super) target: Vec<String>,
    program: Program,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Program {
    /// This file, in a package with this manifest.
    Built { file: PathBuf, manifest: PathBuf },
    /// The examples in docstrings, which only rustdoc can build.
    DocTests,
}

/// Builds all tests and returns what is to be run, or `None` if they do not build.
pub(super) fn built() -> Result<Option<Vec<Binary>>> {
    let mut cargo = build::cargo();
    // Examples have no tests, and the lints have looked at them.
    cargo.args(SELECTION).args(["--tests", "--no-run", "--message-format=json-render-diagnostics"]);
    let output = cargo.current_dir(workspace::root()).stderr(Stdio::inherit()).output().context("cannot run cargo")?;
    let mut binaries = of_messages(&String::from_utf8_lossy(&output.stdout));
    binaries.push(Binary {
        package: SELECTION[1].to_owned(),
        target: vec!["--doc".to_owned()],
        program: Program::DocTests,
    });
    Ok(output.status.success().then_some(binaries))
}

/// Reads what `cargo test --no-run --message-format=json` says, in its order.
pub(super) fn of_messages(text: &str) -> Vec<Binary> {
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter(|message| message["profile"]["test"] == true).filter_map(|message| of_message(&message)).collect()
}

fn of_message(message: &Value) -> Option<Binary> {
    let path = |key: &str| message[key].as_str().map(PathBuf::from);
    let (file, manifest) = (path("executable")?, path("manifest_path")?);
    // The identity of a package that is named like its folder leaves the name out: `path+file:///folder#0.1.0`.
    let (place, version) = message["package_id"].as_str()?.rsplit_once('#')?;
    let package = version.split_once('@').map_or_else(|| place.rsplit('/').next(), |(name, _)| Some(name))?;
    let target = match (message["target"]["kind"][0].as_str()?, message["target"]["name"].as_str()?) {
        (kind @ ("test" | "bin" | "example"), name) => vec![format!("--{kind}"), name.to_owned()],
        _ => vec!["--lib".to_owned()],
    };
    Some(Binary { package: package.to_owned(), target, program: Program::Built { file, manifest } })
}

impl Binary {
    /// Returns what a person enters to run this alone.
    pub(super) fn command(&self) -> String {
        let package = match self.program {
            Program::Built { .. } => format!("-p {}", self.package),
            Program::DocTests => self.package.clone(),
        };
        format!("cargo test {package} {}", self.target.join(" "))
    }

    /// Returns what a person enters to run each test alone that failed.
    pub(super) fn alone(&self, output: &str) -> Vec<String> {
        // The names are in the last list that is called so, one a line. Above it, a test may have printed anything.
        let list = output.rsplit_once("\nfailures:\n").map_or("", |(_, list)| list);
        let names = list.lines().map_while(|line| line.strip_prefix("    "));
        let commands: Vec<String> = names.map(|name| format!("{} -- --exact '{name}'", self.command())).collect();
        if commands.is_empty() { vec![self.command()] } else { commands }
    }

    /// Returns the process that runs it, in the directory and with the variables that cargo would give it.
    pub(super) fn process(&self) -> Command {
        let mut command = match &self.program {
            Program::Built { file, manifest } => {
                let mut command = Command::new(file);
                let folder = manifest.parent().unwrap_or(Path::new(""));
                command.current_dir(folder).env("CARGO_MANIFEST_DIR", folder).env("CARGO_MANIFEST_PATH", manifest);
                command.env("CARGO_PKG_NAME", &self.package);
                command
            }
            Program::DocTests => {
                let mut command = build::cargo();
                command.args(SELECTION).args(&self.target).current_dir(workspace::root());
                command
            }
        };
        command.env("INSTA_UPDATE", "no");
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: &str = r#"
{"package_id":"path+file:///w/crates/one#0.1.0","manifest_path":"/w/crates/one/Cargo.toml","target":{"kind":["lib"],"name":"one"},"profile":{"test":false},"executable":null}
{"package_id":"path+file:///w/crates/one#0.1.0","manifest_path":"/w/crates/one/Cargo.toml","target":{"kind":["lib"],"name":"one"},"profile":{"test":true},"executable":"/t/one-1"}
{"package_id":"path+file:///w/crates/one#0.1.0","manifest_path":"/w/crates/one/Cargo.toml","target":{"kind":["bin"],"name":"one"},"profile":{"test":false},"executable":"/t/one"}
{"package_id":"path+file:///w/tests#two@0.1.0","manifest_path":"/w/tests/Cargo.toml","target":{"kind":["test"],"name":"all"},"profile":{"test":true},"executable":"/t/all-2"}
{"reason":"build-finished","success":true}"#;

    #[test]
    fn what_cargo_built_for_tests_is_found() {
        let binaries = of_messages(MESSAGES);
        let commands: Vec<String> = binaries.iter().map(Binary::command).collect();
        assert_eq!(commands, ["cargo test -p one --lib", "cargo test -p two --test all"]);
        let process = binaries[1].process();
        assert_eq!(process.get_program(), "/t/all-2");
        assert_eq!(process.get_current_dir(), Some(Path::new("/w/tests")));
    }

    #[test]
    fn each_test_that_failed_is_named_with_the_command_that_runs_it_alone() {
        let binary = &of_messages(MESSAGES)[1];
        let output =
            "\nfailures:\n\n---- a::b stdout ----\nfailures:\n    no test\n\nfailures:\n    a::b\n    c\n\nend";
        let alone = ["a::b", "c"].map(|name| format!("cargo test -p two --test all -- --exact '{name}'"));
        assert_eq!(binary.alone(output), alone);
        assert_eq!(binary.alone("killed by a signal"), ["cargo test -p two --test all"]);
    }
}
