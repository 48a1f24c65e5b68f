//! Running the program, and the tables it is run on.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// What a run left behind.
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program from a directory that has nothing to do with the workspace, whose table is the default.
pub(crate) fn xtask(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .current_dir(std::env::temp_dir())
        .env_remove("CLICOLOR_FORCE")
        .output()
        .expect("the program was built for this test");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Run { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The text of the workspace's table.
pub(crate) fn states() -> String {
    std::fs::read_to_string(root().join("states.yaml")).expect("the workspace has a table")
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace").to_path_buf()
}

/// A directory with a table in it, and the path of the table. The directory lives as long as the first of the two.
pub(crate) fn table(text: &str) -> (TempDir, String) {
    let directory = TempDir::new().expect("a directory can be made");
    let path = directory.path().join("broken.yaml");
    std::fs::write(&path, text).expect("the directory can be written to");
    let path = path.to_str().expect("the path is UTF-8").to_owned();
    (directory, path)
}
