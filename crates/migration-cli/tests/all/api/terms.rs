//! A release whose file says less than files say now: its table, which is kept beside it, says the rest.

use std::fs;

use super::Project;
use crate::all::run::root;

#[test]
fn what_a_release_called_the_reason_is_known_from_its_table() {
    let project = Project::new();
    fs::create_dir_all(project.path("api/releases")).expect("it can be made");
    for name in ["current.lock", "releases/0.1.lock", "releases/0.1.yaml", "releases/0.2.lock", "releases/0.2.yaml"] {
        let file = format!("api/{name}");
        fs::copy(root().join(&file), project.path(&file)).expect("the frozen side can be copied");
    }
    assert!(!project.read("api/releases/0.2.lock").contains("\nterm "), "it was frozen before locks had terms");
    project.succeeds(&["check"]);
    project.edit("states.yaml", "qmp: { reason: reason }", "qmp: { reason: why }");
    project.succeeds(&["bless"]);
    let said = project.ends(&["check"], 1).stdout;
    let expected = "error[wire-name-changed]: the member `reason` that holds the reason is now called `why`";
    assert!(said.contains(expected), "{said}");
}
