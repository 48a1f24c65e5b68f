//! Output that cannot be written ends a command with 2, and never in a panic.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::run::{program, root, states};

/// Commands that print, each with what it needs.
const COMMANDS: &[&[&str]] = &[
    &["check"],
    &["check", "--format", "json"],
    &["explain"],
    &["explain", "T0201"],
    &["table"],
    &["show", "migrate"],
    &["races"],
    &["diagram"],
    &["api", "check"],
    &["api", "diff", "0.1", "states.yaml"],
    &["api", "log"],
    &["api", "schema"],
    &["schema"],
    &["expand"],
    &["--help"],
    &["api", "bless", "--help"],
    &["--version"],
];

fn full() -> Option<File> {
    File::options().write(true).open("/dev/full").ok()
}

fn status(mut command: Command) -> (Option<i32>, String) {
    let output = command.output().expect("the program runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_full_standard_output_is_status_2() {
    for arguments in COMMANDS {
        let Some(full) = full() else { return println!("skipped: there is no /dev/full") };
        let mut command = program();
        command.args(*arguments).current_dir(root()).stdout(full);
        let (code, stderr) = status(command);
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("panicked"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_closed_pipe_is_status_2_and_no_pass() {
    for arguments in COMMANDS {
        let (reader, writer) = io::pipe().expect("a pipe can be made");
        // Before the program begins: it may be quick.
        drop(reader);
        let mut command = program();
        let child = command.args(*arguments).current_dir(root()).stdout(writer).stderr(Stdio::piped());
        let mut child = child.spawn().expect("the program runs");
        let code = child.wait().expect("the program ends").code();
        let mut stderr = String::new();
        child.stderr.take().expect("it was piped").read_to_string(&mut stderr).expect("it is text");
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("panicked"), "{arguments:?}: {stderr}");
    }
}

/// Runs a command in a directory, by a shell that redirects its output.
#[cfg(unix)]
fn redirected(directory: &Path, arguments: &[&str], redirection: &str) -> (Option<i32>, String) {
    let program = program();
    let (_, path) = program.get_envs().find(|(name, _)| *name == "PATH").expect("the program is on it");
    let mut shell = Command::new("sh");
    shell.env("PATH", path.expect("it is set")).current_dir(directory);
    shell.args(["-c", &format!("migration-table \"$@\" {redirection}"), "sh"]).args(arguments);
    status(shell)
}

#[cfg(unix)]
#[test]
fn a_closed_standard_output_is_status_2() {
    for arguments in COMMANDS {
        let (code, stderr) = redirected(&root(), arguments, ">&-");
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(!stderr.contains("panicked"), "{arguments:?}: {stderr}");
        assert_eq!(redirected(&root(), arguments, ">&- 2>&-").0, Some(2), "{arguments:?}");
    }
    let (_, stderr) = redirected(&root(), &["api", "check"], ">&-");
    assert_eq!(stderr, "error: cannot write to standard output: it is closed\n");
}

#[cfg(unix)]
#[test]
fn a_closed_standard_error_is_status_2_where_something_is_said_there() {
    let (_directory, below) = below_a_table();
    // It says which table it takes.
    assert_eq!(redirected(&below, &["check"], "").0, Some(0));
    assert_eq!(redirected(&below, &["check"], "2>&-").0, Some(2));
    assert_eq!(redirected(&root(), &["check"], "2>&-").0, Some(0));
}

#[cfg(unix)]
#[test]
fn what_is_thrown_away_on_purpose_counts_as_written() {
    for redirection in [">/dev/null", "1<>/dev/null", ">/dev/null 2>&1", "<&- >/dev/null"] {
        let run = redirected(&root(), &["api", "check"], redirection);
        assert_eq!(run, (Some(0), String::new()), "{redirection}");
    }
}

/// Returns a directory below that of a table; it lives as long as the first of the two.
fn below_a_table() -> (TempDir, PathBuf) {
    let directory = TempDir::new().expect("a directory can be made");
    std::fs::write(directory.path().join("states.yaml"), states()).expect("it can be written");
    let below = directory.path().join("below");
    std::fs::create_dir(&below).expect("it can be made");
    (directory, below)
}

#[test]
fn a_full_standard_error_is_status_2() {
    let (_directory, below) = below_a_table();
    for arguments in [&["api", "bless"][..], &["check"], &["show", "no_such_name"], &["no-such-command"]] {
        let Some(full) = full() else { return println!("skipped: there is no /dev/full") };
        let mut command = program();
        command.args(arguments).current_dir(&below).stderr(full);
        assert_eq!(command.output().expect("the program runs").status.code(), Some(2), "{arguments:?}");
    }
}

/// What others have written to the file behind a stream stays.
#[cfg(unix)]
#[test]
fn a_result_that_goes_to_a_stream_replaces_no_file() {
    let directory = TempDir::new().expect("a directory can be made");
    let log = directory.path().join("log");
    let commands: [(&[&str], &str); 2] =
        [(&["check"], "no findings"), (&["diagram", "--machine", "source"], "digraph")];
    for name in ["-", "/dev/stdout", "/dev/fd/1"] {
        for (command, words) in commands {
            std::fs::write(&log, "before\n").expect("the file can be written");
            let appended = File::options().append(true).open(&log).expect("the file can be opened");
            let mut program = program();
            program.args(command).args(["-o", name]).current_dir(root()).stdout(appended);
            let (code, stderr) = status(program);
            assert_eq!(code, Some(0), "{command:?} {name}: {stderr}");
            let text = std::fs::read_to_string(&log).expect("the file can be read");
            assert!(text.starts_with("before\n") && text.contains(words), "{command:?} {name}: {text}");
        }
    }
    assert!(!root().join("-").exists());
}
