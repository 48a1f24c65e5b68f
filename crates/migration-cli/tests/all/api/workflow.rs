//! The workflow in the documents is run, step by step.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::all::run::{git, root};

#[test]
fn the_commands_of_the_workflow_work_as_they_stand() {
    let page = fs::read_to_string(root().join("crates/migration-cli/guide/ci.md")).expect("the page is there");
    let (_, rest) = page.split_once("```yaml\n").expect("the page has a workflow");
    let (workflow, _) = rest.split_once("```").expect("the workflow ends");
    let workflow: serde_json::Value = serde_saphyr::from_str(workflow).expect("the workflow is YAML");
    let steps = workflow["jobs"]["api"]["steps"].as_array().expect("the workflow has steps");

    let place = TempDir::new().expect("a directory can be made");
    let program = Path::new(env!("CARGO_BIN_EXE_migration-table")).parent().expect("a program is in a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());

    let checkout = TempDir::new().expect("a directory can be made");
    fs::create_dir_all(checkout.path().join("api/releases")).expect("a directory can be made");
    let releases = ["0.1", "0.2"].map(|name| ["lock", "yaml"].map(|kind| format!("api/releases/{name}.{kind}")));
    let files = ["states.yaml", "api/current.lock"].map(str::to_owned);
    for file in files.iter().chain(releases.iter().flatten()) {
        fs::copy(root().join(file), checkout.path().join(file)).expect("the table and its frozen side can be copied");
    }
    for arguments in [&["init", "--quiet"][..], &["add", "."], &["commit", "--quiet", "--message", "a table"]] {
        git(checkout.path(), arguments);
    }

    let commands = steps.iter().filter_map(|step| step["run"].as_str());
    let commands: Vec<&str> = commands.filter(|command| !command.starts_with("cargo install ")).collect();
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        // The base of a pull request is a branch of the remote; here it is what has been committed.
        let here = command.replace("origin/$GITHUB_BASE_REF", "HEAD");
        let output = Command::new("bash")
            .args(["-ec", &here])
            .current_dir(checkout.path())
            .env("PATH", &path)
            .env("GITHUB_STEP_SUMMARY", place.path().join("summary.md"))
            .output()
            .expect("bash runs");
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{command}: {text}");
    }
    let summary = fs::read_to_string(place.path().join("summary.md")).expect("the summary was written");
    assert_eq!(summary.matches("## Public API").count(), 2, "{summary}");
    assert!(checkout.path().join("api.sarif").is_file());
}
