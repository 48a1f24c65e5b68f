//! Running the program, and the tables it is run on.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// What a run left behind.
pub(crate) struct Run {
    /// What was run, for messages.
    pub(crate) command: String,
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// What a command that has ended left behind.
    pub(crate) fn of(command: &mut Command) -> Run {
        let output = command.output().expect("the program was built for this test");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        Run { command: format!("{:?}", command.get_args()), status: output.status.code(), stdout, stderr }
    }

    /// Returns the run, which must have ended with a status.
    #[track_caller]
    pub(crate) fn ended(self, status: i32) -> Run {
        assert_eq!(self.status, Some(status), "{}", self.whole());
        self
    }

    /// The same of a run that printed nothing to standard error.
    #[track_caller]
    pub(crate) fn ended_silently(self, status: i32) -> Run {
        assert_eq!((self.status, self.stderr.as_str()), (Some(status), ""), "{}", self.whole());
        self
    }

    /// The same of a run that printed nothing to standard output.
    #[track_caller]
    pub(crate) fn ended_without_result(self, status: i32) -> Run {
        assert_eq!((self.status, self.stdout.as_str()), (Some(status), ""), "{}", self.whole());
        self
    }

    /// Asserts that a text is in what was printed to standard output.
    #[track_caller]
    pub(crate) fn stdout_has(&self, part: &str) -> &Run {
        assert!(self.stdout.contains(part), "no `{part}` in the output of {}", self.whole());
        self
    }

    /// Asserts that a text is in what was printed to standard error.
    #[track_caller]
    pub(crate) fn stderr_has(&self, part: &str) -> &Run {
        assert!(self.stderr.contains(part), "no `{part}` in the errors of {}", self.whole());
        self
    }

    /// Returns what was printed, which must be JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.whole()))
    }

    fn whole(&self) -> String {
        format!("{}:\n{}\n{}", self.command, self.stdout, self.stderr)
    }
}

/// Runs the program at the root of the workspace, where it finds the table.
pub(crate) fn xtask(arguments: &[&str]) -> Run {
    xtask_in(&root(), arguments)
}

/// Runs the program in a directory.
pub(crate) fn xtask_in(directory: &Path, arguments: &[&str]) -> Run {
    Run::of(program().args(arguments).current_dir(directory))
}

/// Returns the program, which a user whose search path has it starts by its name.
pub(crate) fn program() -> Command {
    let file = Path::new(env!("CARGO_BIN_EXE_migration-table"));
    let directory = file.parent().expect("a file is in a directory").to_owned();
    let before = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([directory].into_iter().chain(std::env::split_paths(&before)));
    let mut program = Command::new("migration-table");
    program.env("PATH", path.expect("a search path stays one")).env_remove("CLICOLOR_FORCE");
    program
}

/// Runs git in a directory, under a name that needs no settings.
pub(crate) fn git(directory: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(directory).output();
    let output = output.expect("git runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Commits everything in a folder, which becomes a repository if it is none.
pub(crate) fn commit(folder: &Path) {
    git(folder, &["init", "--quiet"]);
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", "as it is"]);
}

/// The text of the workspace's table.
pub(crate) fn states() -> String {
    std::fs::read_to_string(root().join("states.yaml")).expect("the workspace has a table")
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the package is in the workspace").to_path_buf()
}

/// A directory with a table in it, and the path of the table, as [`file`].
pub(crate) fn table(text: &str) -> (TempDir, String) {
    file("broken.yaml", text)
}

/// A directory with this file in it, and the path of the file. The directory lives as long as the first of the two.
pub(crate) fn file(name: &str, text: &str) -> (TempDir, String) {
    let directory = TempDir::new().expect("a directory can be made");
    let path = directory.path().join(name);
    std::fs::write(&path, text).expect("the directory can be written to");
    let path = path.to_str().expect("the path is UTF-8").to_owned();
    (directory, path)
}

/// The names of what is in a directory, in order.
pub(crate) fn names_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let names = entries.map(|entry| entry.expect("an entry can be read").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// The table with a row that goes to a state which does not exist.
pub(crate) fn broken() -> String {
    let broken = states().replacen("to: negotiating,", "to: negotiatign,", 1);
    assert_ne!(broken, states());
    broken
}

/// Cargo, as a reader runs it on a package of their own.
///
/// The packages are built where and how `trybuild` builds its own, so that the macro is built once for both.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tests").join("trybuild"));
    cargo.env("CARGO_BUILD_TARGET", "host-tuple").env("CARGO_INCREMENTAL", "0").env("CARGO_NET_OFFLINE", "true");
    cargo
}
