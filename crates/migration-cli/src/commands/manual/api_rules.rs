//! The page on the rules of the public API: every rule, why it exists, and a change on which it fires.
//!
//! The examples are tables of `migration-contract`. They are compared while the page is made: a rule that does not fire
//! on its change, or fires on the compatible one, is an error.

use std::fmt::Write as _;

use anyhow::Result;
use migration_contract::compare::{ObserverClass, Rule, rules};
use migration_contract::frozen::{HYGIENE, Hygiene};
use migration_table::Invocation;

use crate::commands::explain::{RuleExample, fill, level};

const HEAD: &str = "# Rules of the public API

The rules by which `migration-table api check` compares a table with a release; `migration-table explain NAME` prints
one of them. A name never changes its meaning. The examples are run while this page is made: each finding below is real
output. Their tables are about moving a running virtual machine, the *guest*, from one host to another.

How much a difference matters depends on the client:

- `E` is sent events, `P` polls the status.
- With `!` the client fails at a value it does not know; without it, the client skips the value.
- `El` ignores an event that repeats the one before.

`break` fails the check until the change is undone or approved. `warn` and `note` fail it with `--fail-on`. An empty
cell means that such a client cannot see the difference. Each observer that a table declares belongs to one of these
classes. If the table gates only some of its observers, a change that breaks only the others is a `warn`.
";

const FILES: &str = "## The files in `api/`

Rules for the lock, the files of releases and the approvals. Each fails the check until it is fixed, and none can be
approved.
";

/// Returns the page.
///
/// # Errors
///
/// Returns which example does not show what it should.
pub fn page() -> Result<String> {
    let mut page = HEAD.to_owned();
    // Writing to a string cannot fail.
    let columns = ObserverClass::ALL.map(|(name, _)| format!(" {name} |")).concat();
    let _ = write!(page, "\n| rule |{columns} fires when |\n| --- | --- | --- | --- | --- | --- | --- |\n");
    for rule in rules() {
        let levels = ObserverClass::ALL.map(|(_, class)| match rule.levels.to(class) {
            None => " |".to_owned(),
            Some(_) => format!(" {} |", level(rule, class)),
        });
        let _ = writeln!(page, "| [`{0}`](#{0}) |{1} {2} |", rule.id, levels.concat(), rule.title);
    }
    page.push_str("\n## What clients see\n");
    for rule in rules() {
        section(rule, &mut page)?;
    }
    let _ = write!(page, "\n{FILES}");
    HYGIENE.iter().for_each(|rule| of_file(rule, &mut page));
    Ok(page)
}

fn section(rule: &Rule, page: &mut String) -> Result<()> {
    head(rule.id, rule.title, rule.definition, page);
    let said = [("Why", rule.why), ("Keep compatible", rule.keep_compatible), ("Accept", rule.accept)];
    list(&said, page);
    let example = RuleExample::of(rule, &Invocation::default())?;
    if let Some(diff) = example.diff {
        let _ = writeln!(page, "\nFrom `old.yaml` to `new.yaml`:\n\n```diff\n{diff}\n```");
    }
    let _ = writeln!(page, "\n```text\n{}\n```", example.findings.trim_end());
    Ok(())
}

fn of_file(rule: &Hygiene, page: &mut String) {
    head(rule.id, rule.title, rule.definition, page);
    list(&[("Why", rule.why), ("Fix", rule.mend)], page);
}

fn head(id: &str, title: &str, definition: &str, page: &mut String) {
    let _ = writeln!(page, "\n### `{id}`\n\n{}\n", fill(&format!("*{title}.* {definition}")));
}

fn list(said: &[(&str, &str)], page: &mut String) {
    for (name, text) in said {
        let _ = writeln!(page, "{}", fill(&format!("- **{name}:** {text}")).replace('\n', "\n  "));
    }
}
