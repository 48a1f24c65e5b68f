//! What a check says about a table, and what mends that table: the fixtures of the libraries, run.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use migration_contract::load_with;
use migration_table::check::{Check, Notes};
use migration_table::{Findings, Style, render_one};

use super::changed;

/// Where the fixtures are, from the root.
const FIXTURES: [&str; 2] = ["crates/migration-table/tests/fixtures", "crates/migration-contract/tests/fixtures"];

/// Checks whose firing fixture would be too large to keep.
const TOO_LARGE_TO_SHOW: &[&str] = &["T0109"];

/// Most findings of an example that are shown.
pub(super) const SHOWN_MAX: usize = 2;

/// An example of a check, run.
pub struct Example {
    /// The file on which the check fires, from the root.
    pub fires: String,
    /// The file in which that is mended.
    pub mended: String,
    /// What is said about the first file.
    pub findings: String,
    /// The lines in which the second file differs, as a diff without the others; none if they are too many.
    pub diff: Option<String>,
}

impl Example {
    /// Runs the example of a check, in the workspace at `root`. None if it would be too large to show. A check that
    /// does not fire where it should, or fires where it should not, is an error.
    pub fn of(check: &Check, root: &Path) -> Result<Option<Example>> {
        if TOO_LARGE_TO_SHOW.contains(&check.code.0) {
            return Ok(None);
        }
        let folder = format!("{}-{}", check.code, check.name);
        let fixtures = FIXTURES.iter().find(|fixtures| root.join(fixtures).join(&folder).is_dir());
        let fixtures = fixtures.with_context(|| format!("`{folder}` has no fixtures"))?;
        let file = |name: &str| format!("{fixtures}/{folder}/{name}.yaml");
        let (fires, mended) = (file("fires"), file("silent"));
        let (before, after) = (read(root, &fires)?, read(root, &mended)?);
        let (findings, count) = said(check, &before);
        ensure!(count > 0, "`{}` does not fire on `{fires}`", check.code);
        ensure!(said(check, &after).1 == 0, "`{}` fires on `{mended}`", check.code);
        Ok(Some(Example { fires, mended, findings, diff: changed::if_short(&before, &after) }))
    }
}

/// A file of the workspace.
pub(super) fn read(root: &Path, path: &str) -> Result<String> {
    fs::read_to_string(root.join(path)).with_context(|| format!("cannot read `{path}`"))
}

/// What a check says about a table, shortened, and how often.
fn said(check: &Check, text: &str) -> (String, usize) {
    let findings: Findings = load_with(text, Notes::Listed).findings;
    let found: Vec<_> = findings.iter().filter(|finding| finding.code == check.code).collect();
    let mut shown = String::new();
    for finding in found.iter().take(SHOWN_MAX) {
        let rendered = render_one(finding, text, "fires.yaml", Style::Plain);
        let _ = writeln!(shown, "{}", rendered.trim_end());
    }
    if found.len() > SHOWN_MAX {
        let _ = writeln!(shown, "... and {} more", found.len() - SHOWN_MAX);
    }
    (shown, found.len())
}
