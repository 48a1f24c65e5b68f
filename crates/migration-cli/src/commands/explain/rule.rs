//! An API rule explained, with the example of the library, compared.

use std::fmt::Write as _;

use anyhow::{Context, Result, anyhow, ensure};
use migration_contract::compare::{Change, Level, ObserverClass, Rule, Source, compare, render_one};
use migration_contract::examples::of_rule;
use migration_contract::frozen::Hygiene;
use migration_contract::public::{Public, project};
use migration_table::{Invocation, Style};

use super::changed;
use super::example::SHOWN_MAX;
use super::wrap::fill;

/// The whole of what there is to say about a rule.
pub(super) fn explained(rule: &Rule, invocation: &Invocation) -> Result<String> {
    let mut text = format!("{}: {} (API rule)\n\n{}\n\n", rule.id, rule.title, fill(rule.definition));
    for (name, class) in ObserverClass::ALL {
        let _ = writeln!(text, "  {name:<2}  {:<9}  to a client that {}", level(rule, class), class.words());
    }
    for (name, said) in [("why", rule.why), ("keep compatible", rule.keep_compatible), ("accept", rule.accept)] {
        let _ = write!(text, "\n{}\n", fill(&format!("{name}: {said}")));
    }
    let example = RuleExample::of(rule, invocation)?;
    if let Some(diff) = example.diff {
        let _ = writeln!(text, "\nFor example, after this change of `old.yaml` to `new.yaml`:\n\n{diff}");
    } else {
        text.push_str("\nFor example, after a change that is too long to show:\n");
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
    text.push_str("\nIt cannot be approved.\n\nFor example, in a repository with the release 0.1:\n\n");
    let said = format!("$ {}\n$ migration-table api check\nerror[{}]: {}", rule.done, rule.id, rule.found);
    said.lines().for_each(|line| text.push_str(&format!("    {line}\n")));
    text
}

/// The word for how much a rule matters to such a client.
pub fn level(rule: &Rule, class: ObserverClass) -> &'static str {
    rule.levels.to(class).map_or("not seen", Level::word)
}

/// An example of a rule, run.
pub struct RuleExample {
    /// The findings of the rule on the change.
    pub findings: String,
    /// The lines that the change is in, as a diff without the others; `None` if they are too many.
    pub diff: Option<String>,
}

impl RuleExample {
    /// Runs the example of a rule. A rule that does not fire where it should, or fires where it should not, is an
    /// error.
    pub fn of(rule: &Rule, invocation: &Invocation) -> Result<RuleExample> {
        let tables = of_rule(rule.id).with_context(|| format!("`{}` has no example", rule.id))?;
        let released = public(tables.old, rule)?;
        let found = changes(rule, &public(tables.new, rule)?, &released)?;
        ensure!(!found.is_empty(), "`{}` does not fire on its example", rule.id);
        let others = changes(rule, &public(tables.kept, rule)?, &released)?;
        ensure!(others.is_empty(), "`{}` fires on the change that keeps compatible", rule.id);
        let diff = changed::if_short(body(tables.old), body(tables.new));
        Ok(RuleExample { findings: rendered(&found, tables.new, invocation), diff })
    }
}

/// A table without the line before it that says what it is kept for.
fn body(text: &str) -> &str {
    text.split_once('\n').map_or(text, |(_, body)| body)
}

fn public(text: &str, rule: &Rule) -> Result<Public> {
    let table = migration_table::read(text).table;
    let table = table.with_context(|| format!("an example of `{}` makes no sense", rule.id))?;
    project(&table).map_err(|error| anyhow!("an example of `{}` is too large: {error}", rule.id))
}

fn changes(rule: &Rule, new: &Public, old: &Public) -> Result<Vec<Change>> {
    let report = compare(new, old).map_err(|error| anyhow!("the example of `{}` is too large: {error}", rule.id))?;
    Ok(report.changes.into_iter().filter(|change| change.rule == rule.id).collect())
}

/// The findings, shortened.
fn rendered(found: &[Change], text: &str, invocation: &Invocation) -> String {
    let source = Some(Source { file: "new.yaml", text });
    let shown =
        found.iter().take(SHOWN_MAX).map(|change| render_one(change, "old.yaml", source, Style::Plain, invocation));
    let mut shown = shown.collect::<Vec<_>>().join("\n");
    if found.len() > SHOWN_MAX {
        let _ = writeln!(shown, "... and {} more", found.len() - SHOWN_MAX);
    }
    shown
}
