//! A copy of the workspace in which a reader of the manual works: its packages are there, and a reader can write beside
//! them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::all::run;

/// What a reader has no use for, or what is the reader's own.
const LEFT_OUT: &[&str] = &["target", ".git"];

pub(super) struct Clone {
    directory: TempDir,
    /// The exit status of the last command.
    status: i32,
}

impl Clone {
    pub(super) fn of_workspace() -> Self {
        let directory = TempDir::new().expect("a directory can be made");
        for entry in fs::read_dir(run::root()).expect("the workspace can be listed") {
            let entry = entry.expect("the workspace can be listed");
            if !LEFT_OUT.iter().any(|name| entry.file_name() == *name) {
                symlink(entry.path(), directory.path().join(entry.file_name())).expect("a link can be made");
            }
        }
        Clone { directory, status: 0 }
    }

    /// The place of a file, which must be the reader's own.
    fn own(&self, path: &str) -> PathBuf {
        let package = path.split('/').next().unwrap_or_default();
        assert!(!run::root().join(package).exists() && !path.contains(".."), "`{path}` is not the reader's");
        self.directory.path().join(path)
    }

    pub(super) fn write(&self, path: &str, content: &str) {
        let place = self.own(path);
        fs::create_dir_all(place.parent().expect("a file is in a directory")).expect("a directory can be made");
        let mut content = content.to_owned();
        if path.ends_with("Cargo.toml") {
            // The versions that the workspace has, so that nothing has to be fetched.
            let lock = run::root().join("Cargo.lock");
            fs::copy(lock, place.with_file_name("Cargo.lock")).expect("the versions can be copied");
            // Packages by their own paths: by those of this copy they would be others each time, and built each time.
            content = content.replace("path = \"../", &format!("path = \"{}/", run::root().display()));
        }
        fs::write(place, content).expect("a file can be written");
    }

    /// Makes a change, whose lines that stay or go must be in the file, once.
    pub(super) fn change(&self, path: &str, hunk: &str) {
        let place = self.own(path);
        let before = fs::read_to_string(&place).unwrap_or_else(|error| panic!("{path}: {error}"));
        let side = |gone: char| -> String {
            let lines = hunk.lines().filter(|line| !line.starts_with(gone));
            lines.map(|line| format!("{}\n", line.get(1..).unwrap_or_default())).collect()
        };
        let (old, new) = (side('+'), side('-'));
        assert_eq!(before.matches(&old).count(), 1, "{path} has this once:\n{old}\n{before}");
        fs::write(place, before.replacen(&old, &new, 1)).expect("a file can be written");
    }

    /// Runs a command, and says what it prints.
    pub(super) fn run(&mut self, command: &str) -> String {
        if command == "echo $?" {
            return format!("{}\n", self.status);
        }
        let mut words = words(command).into_iter();
        let mut program = match words.next().as_deref() {
            Some("migration-table") => run::program(),
            Some("cargo") => run::cargo(),
            _ => panic!("the guide runs nothing but `migration-table` and `cargo`: {command}"),
        };
        program.args(words).current_dir(self.directory.path());
        program.env("CARGO_TERM_COLOR", "never").env_remove("CLICOLOR_FORCE").env("COLUMNS", "100");
        let output = program.output().unwrap_or_else(|error| panic!("{command}: {error}"));
        self.status = output.status.code().unwrap_or(-1);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\r', "");
        text(&output.stdout) + &text(&output.stderr)
    }
}

/// The words of a command, as a shell takes them: what stands between `'` is one.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut is_quoted) = (vec![String::new()], false);
    for character in command.chars() {
        match character {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            other => words.last_mut().expect("there is one").push(other),
        }
    }
    assert!(!is_quoted, "a quote does not end: {command}");
    words.retain(|word| !word.is_empty());
    words
}
