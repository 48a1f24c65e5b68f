//! What a check says about a table, and what mends that table: the examples of the libraries, run.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use migration_contract::examples::of_check;
use migration_contract::load_with;
use migration_table::check::{Check, Notes};
use migration_table::{Findings, Style, render_one};

use super::changed;

/// Checks whose firing fixture would be too large to keep.
const TOO_LARGE_TO_SHOW: &[&str] = &["T0109"];

/// Most findings of an example that are shown.
pub(super) const SHOWN_MAX: usize = 2;

/// An example of a check, run.
pub struct Example {
    /// The findings of the check on the first table.
    pub findings: String,
    /// The lines in which the second table differs, as a diff without the others; `None` if they are too many.
    pub diff: Option<String>,
}

impl Example {
    /// Runs the example of a check, or returns `None` if it would be too large to show. A check that does not fire
    /// where it should, or fires where it should not, is an error.
    pub fn of(check: &Check) -> Result<Option<Example>> {
        if TOO_LARGE_TO_SHOW.contains(&check.code.0) {
            return Ok(None);
        }
        let tables = of_check(check).with_context(|| format!("`{}` has no example", check.code))?;
        let folder = tables.folder;
        let (findings, count) = said(check, tables.fires);
        ensure!(count > 0, "`{}` does not fire on its example `{folder}`", check.code);
        ensure!(said(check, tables.silent).1 == 0, "`{}` fires on the mended table of `{folder}`", check.code);
        Ok(Some(Example { findings, diff: changed::if_short(tables.fires, tables.silent) }))
    }
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
