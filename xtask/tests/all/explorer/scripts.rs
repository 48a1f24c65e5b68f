//! The scripts of a page, run in Node.js and in Chromium: one function of `driver.js` at a time.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::run::{root, xtask};
use super::browser::Browser;

/// A page in a directory that lives as long as it.
pub(super) struct Page {
    directory: TempDir,
}

impl Page {
    /// The page that the command writes with these arguments.
    pub(super) fn new(arguments: &[&str]) -> Page {
        let directory = TempDir::new().expect("a directory can be made");
        let page = Page { directory };
        let path = page.path().display().to_string();
        let run = xtask(&[&["explorer", "-o", &path], arguments].concat());
        assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
        page
    }

    pub(super) fn path(&self) -> PathBuf {
        self.directory.path().join("explorer.html")
    }

    /// The address of the page, with this after its `#`.
    pub(super) fn url(&self, hash: &str) -> String {
        format!("file://{}#{hash}", self.path().display())
    }

    /// What a function of the driver gives, in every engine that is installed, by the name of the engine.
    pub(super) fn drive(&self, name: &str, argument: &Value) -> Vec<(&'static str, Value)> {
        let mut answers = Vec::new();
        if is_installed("node") {
            answers.push(("node", self.in_node(name, argument)));
        } else {
            eprintln!("skipped: Node.js is not installed, so the scripts were not run in it");
        }
        if let Some(mut browser) = Browser::start() {
            browser.open(&self.url(""));
            browser.evaluate(&driver());
            let data = "JSON.parse(document.getElementById('data').textContent).table";
            answers.push(("chromium", browser.evaluate(&format!("drive.{name}({data}, {argument})"))));
        }
        answers
    }

    fn in_node(&self, name: &str, argument: &Value) -> Value {
        let mut child = Command::new("node")
            .args([here().join("node.js"), self.path(), here().join("driver.js")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node was there a moment ago");
        let request = json!({ "name": name, "argument": argument }).to_string();
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        stdin.write_all(request.as_bytes()).expect("node reads");
        drop(stdin);
        let output = child.wait_with_output().expect("node ends");
        assert!(output.status.success(), "node failed");
        serde_json::from_slice(&output.stdout).expect("the answer is JSON")
    }
}

/// The text of the driver.
pub(super) fn driver() -> String {
    std::fs::read_to_string(here().join("driver.js")).expect("the driver is beside this file")
}

/// The tables of the repository, by their paths from its root.
pub(super) fn tables() -> Vec<String> {
    let folder = std::fs::read_dir(root().join("tests/tables")).expect("there is a directory of tables");
    let names = folder.map(|entry| entry.expect("an entry can be read").file_name().to_string_lossy().into_owned());
    let mut tables: Vec<String> = names.map(|name| format!("tests/tables/{name}")).collect();
    tables.push("states.yaml".to_owned());
    tables.sort();
    tables
}

/// The whole path of something in the repository.
pub(super) fn whole(path: &str) -> String {
    root().join(path).display().to_string()
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/explorer")
}

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}
