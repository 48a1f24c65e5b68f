//! The page on the checks: every check, why it exists, a table on which it fires, and the fix.
//!
//! The examples are fixtures of the libraries. They run while the page is made: a check that does not fire on its
//! example, or still fires on the fixed one, is an error.

use std::fmt::Write as _;

use anyhow::Result;
use migration_contract::checks;
use migration_table::check::{Check, can_be_silenced};

use crate::commands::explain::{Example, fill, how_to_silence};

const HEAD: &str = "# Checks

Every check of `migration-table check`, in the order of the codes; `migration-table explain CODE` prints one of them.
A code never changes its meaning. The examples are run while this page is made: each finding below is real output, and
the check is silent after the fix. Most are about moving a running virtual machine, the *guest*, from one host to another.

A table with an error cannot be used, so an error cannot be silenced. A warning is silenced at the declaration that it
is about, with a reason: `allow: { T0410: \"clients rely on it since 2.3\" }`. For what a machine lists in
`precedence`, `happy_path` and `groups` that is the machine; for its states, rows and answers, it is these. A silence
that silences nothing any more is a finding too. Notes are printed on request, with `--notes`.
";

/// The parts, by the prefix of their codes.
const PARTS: [(&str, &str); 6] = [
    ("T01", "Shape: mistakes that show before any name is looked up"),
    ("T02", "Names: words that refer to something declared"),
    ("T03", "Graph: where a machine can go"),
    ("T04", "Meaning: races, answers, resources, statuses, messages"),
    ("T05", "Policy: the form of a table"),
    ("T06", "Silencing: warnings that a table allows"),
];

/// Returns the page.
///
/// # Errors
///
/// Returns which example does not show what it should.
pub fn page() -> Result<String> {
    let mut page = HEAD.to_owned();
    page.push_str("\n| code | name | severity | silenced |\n| --- | --- | --- | --- |\n");
    for check in checks() {
        let (code, name, severity) = (check.code, check.name, check.severity.name());
        let silenced = if can_be_silenced(check) { "with a reason" } else { "" };
        let _ = writeln!(page, "| [`{code}`](#{}) | {name} | {severity} | {silenced} |", anchor(check));
    }
    for (start, title) in PARTS {
        let _ = writeln!(page, "\n## {title}");
        for check in checks().filter(|check| check.code.0.starts_with(start)) {
            section(check, &mut page)?;
        }
    }
    Ok(page)
}

/// Returns the anchor of the heading of a check.
fn anchor(check: &Check) -> String {
    format!("{}-{}", check.code.0.to_ascii_lowercase(), check.name)
}

fn section(check: &Check, page: &mut String) -> Result<()> {
    let (code, name) = (check.code, check.name);
    let _ = writeln!(page, "\n### `{code}` {name}\n\n{}\n\n{}", fill(check.explain), how_to_silence(check));
    let Some(example) = Example::of(check)? else {
        page.push_str("\nA table on which it fires would be too large to show.\n");
        return Ok(());
    };
    let _ = writeln!(page, "\n```text\n{}```", example.findings);
    if let Some(diff) = example.diff {
        let _ = writeln!(page, "\nThe fix:\n\n```diff\n{diff}\n```");
    }
    Ok(())
}
