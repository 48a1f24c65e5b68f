//! What a check says about a table, and what mends that table: the fixtures of `migration-table`, run.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use migration_table::check::{Check, Notes};
use migration_table::{Findings, Style, load_with, render_one};

/// Where the fixtures are, from the root.
const FIXTURES: &str = "migration-table/tests/fixtures";

/// Checks whose firing fixture would be too large to keep.
const TOO_LARGE_TO_SHOW: &[&str] = &["T0109"];

/// Most findings of an example that are shown.
const SHOWN_MAX: usize = 2;

/// Most lines that are shown of what mends an example, and how long they may be; more is left to the files.
const MENDED_LINES_MAX: usize = 16;
const MENDED_CHARS_MAX: usize = 200;

/// An example of a check, run.
pub(crate) struct Example {
    /// The file on which the check fires, from the root.
    pub(crate) fires: String,
    /// The file in which that is mended.
    pub(crate) mended: String,
    /// What is said about the first file.
    pub(crate) findings: String,
    /// The lines in which the second file differs, as a diff without the others; none if they are too many.
    pub(crate) diff: Option<String>,
}

impl Example {
    /// Runs the example of a check, in the workspace at `root`. None if it would be too large to show. A check that
    /// does not fire where it should, or fires where it should not, is an error.
    pub(crate) fn of(check: &Check, root: &Path) -> Result<Option<Example>> {
        if TOO_LARGE_TO_SHOW.contains(&check.code.0) {
            return Ok(None);
        }
        let file = |name: &str| format!("{FIXTURES}/{}-{}/{name}.yaml", check.code, check.name);
        let (fires, mended) = (file("fires"), file("silent"));
        let (before, after) = (read(root, &fires)?, read(root, &mended)?);
        let (findings, count) = said(check, &before);
        ensure!(count > 0, "`{}` does not fire on `{fires}`", check.code);
        ensure!(said(check, &after).1 == 0, "`{}` fires on `{mended}`", check.code);
        let changed = changed(&before, &after);
        let is_short =
            changed.len() <= MENDED_LINES_MAX && changed.iter().all(|line| line.chars().count() <= MENDED_CHARS_MAX);
        Ok(Some(Example { fires, mended, findings, diff: is_short.then(|| changed.join("\n")) }))
    }
}

fn read(root: &Path, path: &str) -> Result<String> {
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

/// The lines in which two texts differ, as a diff without the others.
fn changed(before: &str, after: &str) -> Vec<String> {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    // `longest[i][j]` is how many lines the rests of both from `i` and `j` on have in common, in order.
    let mut longest = vec![vec![0usize; after.len() + 1]; before.len() + 1];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            let skipped = longest[i + 1][j].max(longest[i][j + 1]);
            longest[i][j] = if before[i] == after[j] { longest[i + 1][j + 1] + 1 } else { skipped };
        }
    }
    let (mut i, mut j, mut changed) = (0, 0, Vec::new());
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == after.len() || i < before.len() && longest[i + 1][j] >= longest[i][j + 1] {
            changed.push(format!("-{}", before[i].trim_end()));
            i += 1;
        } else {
            changed.push(format!("+{}", after[j].trim_end()));
            j += 1;
        }
    }
    changed
}
