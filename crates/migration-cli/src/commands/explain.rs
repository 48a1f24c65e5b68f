//! `explain`: says why a check or a rule of the public API is there and what to do about its findings, from their
//! registries.

mod changed;
mod example;
mod rule;
mod wrap;

use std::fmt::Write as _;

use anyhow::{Result, bail};
use clap::Args;
use migration_contract::checks;
use migration_contract::compare::rules;
use migration_contract::frozen::HYGIENE;
use migration_table::check::{Check, can_be_silenced};
use migration_table::{Invocation, Severity, nearest};

use crate::outcome::Outcome;
use crate::output::Output;

pub use example::Example;
pub use rule::{RuleExample, level};
pub use wrap::fill;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n\
    \x20 migration-table explain\n\
    \x20 migration-table explain T0401\n\
    \x20 migration-table explain status-removed")]
pub struct Arguments {
    /// The code or the name of a check, or the name of an API rule; without it, all of them are listed
    id: Option<String>,

    #[command(flatten)]
    output: Output,
}

/// Prints one check or rule, or a line for each.
pub fn run(invocation: &Invocation, arguments: &Arguments) -> Result<Outcome> {
    let text = match &arguments.id {
        None => list(),
        Some(id) => match explanation(id, invocation)? {
            Some(text) => text,
            None => {
                let all = invocation.command(&["explain"]);
                let near = nearest(id, names()).map_or(String::new(), |name| format!("did you mean `{name}`? "));
                bail!("no check and no API rule is called `{id}`: {near}`{all}` lists all of them")
            }
        },
    };
    arguments.output.write(&invocation.fill(&text))?;
    Ok(Outcome::Clean)
}

/// The names of all checks and rules.
fn names() -> impl Iterator<Item = &'static str> {
    let checks = checks().flat_map(|check| [check.code.0, check.name]);
    checks.chain(rules().map(|rule| rule.id)).chain(HYGIENE.iter().map(|rule| rule.id))
}

/// A line for each check and each rule.
fn list() -> String {
    let checks: String = checks().map(|check| format!("  {}  {}\n", check.code, check.name)).collect();
    let rules: String = rules().map(|rule| format!("  {}: {}\n", rule.id, rule.title)).collect();
    let files: String = HYGIENE.iter().map(|rule| format!("  {}: {}\n", rule.id, rule.title)).collect();
    format!(
        "checks of a table (`migration-table check`):\n{checks}\n\
         rules of the public API (`migration-table api check`):\n{rules}\n\
         rules for the files in `api/` (`migration-table api check`):\n{files}"
    )
}

/// What there is to say about what has this name; none if nothing has.
fn explanation(id: &str, invocation: &Invocation) -> Result<Option<String>> {
    if let Some(check) = checks().find(|check| is_called(check, id)) {
        return explained(check).map(Some);
    }
    if let Some(rule) = rules().find(|rule| rule.id.eq_ignore_ascii_case(id)) {
        return rule::explained(rule, invocation).map(Some);
    }
    Ok(HYGIENE.iter().find(|rule| rule.id.eq_ignore_ascii_case(id)).map(rule::explained_hygiene))
}

/// The whole of what there is to say about a check.
fn explained(check: &Check) -> Result<String> {
    let (why, how) = (fill(check.explain), fill(&how_to_silence(check)));
    let mut text = format!("{} {} ({})\n\n{why}\n\n{how}\n", check.code, check.name, check.severity.name());
    let Some(example) = Example::of(check)? else {
        text.push_str("\nNo example: it fires on tables that are too large to show.\n");
        return Ok(text);
    };
    let _ = write!(text, "\nFor example:\n\n{}", example.findings);
    if let Some(diff) = example.diff {
        let _ = write!(text, "\nmended:\n\n{diff}\n");
    }
    Ok(text)
}

/// How findings of a check are passed over, if they can be.
pub fn how_to_silence(check: &Check) -> String {
    if can_be_silenced(check) {
        return format!("To silence it, give the declaration that it is about `allow: {{ {}: \"why\" }}`.", check.code);
    }
    match check.severity {
        Severity::Error => "An error cannot be silenced.".to_owned(),
        Severity::Warning => "It cannot be silenced.".to_owned(),
        Severity::Note => "Said only on request: `migration-table check --notes`.".to_owned(),
    }
}

fn is_called(check: &Check, name: &str) -> bool {
    check.code.0.eq_ignore_ascii_case(name) || check.name.eq_ignore_ascii_case(name)
}
