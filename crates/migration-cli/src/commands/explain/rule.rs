//! An API rule explained, with the released table and the changed one that `migration-table` keeps for it, compared.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use migration_contract::compare::{
    Change, Channel, Level, ObserverClass, Repeat, Rule, Source, Unknown, compare, render_one,
};
use migration_contract::public::{Public, project};
use migration_table::Style;

use super::example::{SHOWN_MAX, read};
use super::{changed, fill};
use crate::api::hygiene::Hygiene;
use crate::workspace;

/// Where the tables are, from the root.
const TABLES: &str = "crates/migration-contract/tests/api";

/// The whole of what there is to say about a rule.
pub(super) fn explained(rule: &Rule) -> Result<String> {
    let mut text = format!("{}: {} (API rule)\n\n{}\n\n", rule.id, rule.title, fill(rule.definition));
    for (name, class) in ObserverClass::ALL {
        let _ = writeln!(text, "  {name:<2}  {:<9}  to a client that {}", level(rule, class), does(class));
    }
    for (name, said) in [("why", rule.why), ("keep compatible", rule.keep_compatible), ("accept", rule.accept)] {
        let _ = write!(text, "\n{}\n", fill(&format!("{name}: {said}")));
    }
    let example = RuleExample::of(rule, &workspace::root())?;
    let _ = writeln!(text, "\nFor example, from `{}`\nto `{}`:", example.old, example.new);
    if let Some(diff) = example.diff {
        let _ = writeln!(text, "\n{diff}");
    }
    let _ = write!(text, "\n{}", example.findings);
    Ok(text)
}

/// The whole of what there is to say about a rule for the files of the frozen side.
pub(super) fn explained_hygiene(rule: &Hygiene) -> String {
    let mut text = format!("{}: {} (rule for the files in `api/`)\n\n", rule.id, rule.title);
    let _ = writeln!(text, "{}", fill(rule.definition));
    for (name, said) in [("why", rule.why), ("mend", rule.mend)] {
        let _ = write!(text, "\n{}\n", fill(&format!("{name}: {said}")));
    }
    text.push_str("\nIt cannot be approved.\n");
    text
}

/// The word for how much a rule matters to such a client.
pub fn level(rule: &Rule, class: ObserverClass) -> &'static str {
    rule.levels.to(class).map_or("not seen", Level::word)
}

/// What a client of a class does, after "a client that".
fn does(class: ObserverClass) -> String {
    let channel = match class.channel {
        Channel::Events => "is sent events",
        Channel::Poll => "asks for the status",
    };
    let unknown = match class.unknown {
        Unknown::Fail => "fails at what it does not know",
        Unknown::Skip => "passes over what it does not know",
    };
    let repeat = match (class.channel, class.repeat) {
        (Channel::Events, Repeat::Skip) => ", and repeats",
        (Channel::Events, Repeat::See) | (Channel::Poll, _) => "",
    };
    format!("{channel} and {unknown}{repeat}")
}

/// An example of a rule, run.
pub struct RuleExample {
    /// The file of the released table, from the root.
    pub old: String,
    /// The file of the changed table, from the root.
    pub new: String,
    /// What the rule says about the change.
    pub findings: String,
    /// The lines that the change is in, as a diff without the others; none if they are too many.
    pub diff: Option<String>,
}

impl RuleExample {
    /// Runs the example of a rule, in the workspace at `root`. A rule that does not fire where it should, or fires
    /// where it should not, is an error.
    pub fn of(rule: &Rule, root: &Path) -> Result<RuleExample> {
        let file = |name: &str| format!("{TABLES}/{}/{name}.yaml", rule.id);
        let (old, new, kept) = (file("old"), file("new"), file("kept"));
        let (before, after) = (read(root, &old)?, read(root, &new)?);
        let released = public(&before, &old)?;
        let found = changes(rule, &public(&after, &new)?, &released)?;
        ensure!(!found.is_empty(), "`{}` does not fire on `{new}`", rule.id);
        let others = changes(rule, &public(&read(root, &kept)?, &kept)?, &released)?;
        ensure!(others.is_empty(), "`{}` fires on `{kept}`", rule.id);
        let (findings, diff) = (rendered(&found, &after), changed::if_short(body(&before), body(&after)));
        Ok(RuleExample { old, new, findings, diff })
    }
}

/// A table without the line before it that says what it is kept for.
fn body(text: &str) -> &str {
    text.split_once('\n').map_or(text, |(_, body)| body)
}

fn public(text: &str, path: &str) -> Result<Public> {
    let table = migration_table::read(text).table.with_context(|| format!("`{path}` makes no sense"))?;
    project(&table).map_err(|error| anyhow!("`{path}` is too large: {error}"))
}

fn changes(rule: &Rule, new: &Public, old: &Public) -> Result<Vec<Change>> {
    let report = compare(new, old).map_err(|error| anyhow!("the example of `{}` is too large: {error}", rule.id))?;
    Ok(report.changes.into_iter().filter(|change| change.rule == rule.id).collect())
}

/// The findings, shortened.
fn rendered(found: &[Change], text: &str) -> String {
    let source = Some(Source { file: "new.yaml", text });
    let shown = found.iter().take(SHOWN_MAX).map(|change| render_one(change, "old.yaml", source, Style::Plain));
    let mut shown = shown.collect::<Vec<_>>().join("\n");
    if found.len() > SHOWN_MAX {
        let _ = writeln!(shown, "... and {} more", found.len() - SHOWN_MAX);
    }
    shown
}
