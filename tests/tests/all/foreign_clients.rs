//! Clients that are not ours talk to the host: `qemu.qmp`, on which QEMU's own tools stand, and its `qmp-shell`.
//!
//! They are installed from PyPI into a virtual environment under the build directory, once. Where that cannot be done,
//! the tests say that they are skipped, past the capture of their output.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::consumers::installed::{both, found, output, virtual_environment};
use super::hosts::host;

/// What is installed. A newer version is a change to these tests.
const PACKAGE: &str = "qemu.qmp==0.0.6";

#[test]
fn qemu_qmp_migrates_cancels_and_pauses() {
    let Some(environment) = environment() else { return };
    let (from, to) = (host(&[]), host(&["--incoming", "defer"]));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/migrate_with_qemu_qmp.py");
    let mut python = Command::new(environment.join("bin/python"));
    let output = output(python.arg(script).args([from.socket(), to.socket()]));
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "source greets: migration-host {version}\n\
         destination greets: migration-host {version}\n\
         source: setup active pre-switchover\n\
         source: cancelling cancelled\n\
         destination: setup active failed\n\
         source: setup active\n\
         source: cancelling cancelled\n\
         destination: setup active failed\n\
         source: setup active pre-switchover\n\
         source: device completed\n\
         destination: setup active completed\n\
         the guest is whole on the destination\n"
    );
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

#[test]
fn qmp_shell_is_understood() {
    let Some(environment) = environment() else { return };
    let host = host(&["--name", "shelled"]);
    let typed = "query-name\n\
                 migrate-set-capabilities capabilities=[{\"capability\":\"events\",\"state\":true}]\n\
                 migrate uri=nowhere\n\
                 query-status\n\
                 no-such-command\n";
    let mut shell = Command::new(environment.join("bin/qmp-shell"))
        .arg(host.socket())
        // It keeps a history there.
        .env("HOME", host.dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the environment's shell runs");
    let mut stdin = shell.stdin.take().expect("standard input is a pipe");
    stdin.write_all(typed.as_bytes()).expect("it reads");
    drop(stdin);
    let output = shell.wait_with_output().expect("it ends with its input");
    let said = both(&output);
    assert!(output.status.success(), "{said}");
    for words in ["Connected to QEMU 0.1.0", "shelled", "`nowhere`", "running", "CommandNotFound"] {
        assert!(said.contains(words), "no `{words}` in:\n{said}");
    }
}

/// Returns the virtual environment with the package, or `None` after a report where it cannot be made.
fn environment() -> Option<&'static Path> {
    static ENVIRONMENT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    found(ENVIRONMENT.get_or_init(|| virtual_environment(PACKAGE, &[PACKAGE]))).map(PathBuf::as_path)
}
