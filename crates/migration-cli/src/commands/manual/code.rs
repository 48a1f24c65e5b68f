//! The documentation of the code, to which the manual links: what `cargo doc` writes beside it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace;

/// The libraries that are documented: what a link to each is called.
pub(super) const LIBRARIES: [&str; 3] = ["migration-runtime", "migration-macros", "migration-table"];

/// Where the documentation is, as pages of the site see it.
const PLACE: &str = "../doc";

/// The page of a library.
pub(super) fn page_of(library: &str) -> String {
    format!("{PLACE}/{}/index.html", library.replace('-', "_"))
}

/// The page of the module that is generated for a machine of the table of this workspace.
pub(super) fn page_of_machine(machine: &str) -> String {
    format!("{PLACE}/migration_runtime/states/{machine}/index.html")
}

/// Writes the documentation beside a site in `target/` of this workspace.
pub(super) fn write() -> Result<()> {
    let root = workspace::root();
    let mut command = Command::new(workspace::cargo());
    command.args(["doc", "--no-deps", "--target-dir", "target"]);
    command.args(LIBRARIES.iter().flat_map(|library| ["--package", library]));
    let status = command.current_dir(root).status().context("cannot run `cargo doc`")?;
    ensure!(status.success(), "`cargo doc` failed: the pages of the manual are written, the code has no documentation");
    Ok(())
}

/// Says so if the documentation of the code is not where a site elsewhere looks for it.
pub(super) fn note_if_missing(site: &Path) {
    let whole = std::path::absolute(site).unwrap_or_else(|_| site.to_owned());
    let place = whole.parent().unwrap_or(&whole).join("doc");
    if !place.join("migration_runtime/index.html").is_file() {
        eprintln!(
            "note: links to the documentation of the code lead to `{}`, where it is not: `cargo doc --no-deps` writes \
             it to `target/doc`, copy it from there",
            place.display()
        );
    }
}
