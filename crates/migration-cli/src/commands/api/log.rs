//! `api log`: the history of the public API, release by release, as a page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use clap::Args;
use migration_contract::frozen::{Approval, Judgement, Release};
use migration_contract::public::lock::Listed;
use migration_contract::public::{Public, PublicName};
use migration_table::Invocation;

use super::format::{legend, of_finding, verdicts};
use crate::api::files::Files;
use crate::api::side::{self, Side};
use crate::outcome::Outcome;
use crate::output::Output;
use crate::table_file::TableFile;

#[derive(Args, Debug)]
#[command(after_help = "Example:\n\
\x20 migration-table api log -o api-history.md")]
pub(crate) struct Arguments {
    #[command(flatten)]
    output: Output,
}

/// Prints the page.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let Some(new) = side::current(file)? else { return Ok(Outcome::Findings) };
    arguments.output.write(&history(file, new, file.invocation())?)?;
    Ok(Outcome::Clean)
}

/// Returns the page as it is kept among documents. The same, wherever it was made: its commands name no path.
pub fn page(file: &TableFile, new: Side) -> Result<String> {
    history(file, new, &file.invocation().clone().without_table())
}

/// Returns the history, newest release first, with what the table shows now.
fn history(file: &TableFile, new: Side, invocation: &Invocation) -> Result<String> {
    let files = Files::beside(file.path());
    files.read()?.belongs_to(&new.public.table)?;
    let releases = files.read_releases()?;
    let (mut sections, mut judged) = (Vec::new(), Vec::new());
    for (index, release) in releases.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| &releases[before]);
        let side = side_of(release);
        let before = before.ok_or(release.listed.as_slice());
        let title = release.version.to_string();
        sections.push(section((&title, &side), before, &release.approvals, invocation, &mut judged)?);
    }
    let wanted = files.read_approvals()?;
    match releases.last() {
        Some(newest) if newest.public == new.public && wanted.is_empty() => {}
        newest => {
            let before = newest.ok_or(files.read()?.listed());
            let before = before.as_ref().map_err(Vec::as_slice).copied();
            sections.push(section(("Unreleased", &new), before, &wanted, invocation, &mut judged)?);
        }
    }
    let mut text = String::from(
        "# History of the public API\n\n\
         What clients were shown, release by release, and what each release changed for them.\n\
         `api log` writes this page from the files of the frozen side.\n",
    );
    text.push_str(&legend(&judged));
    sections.iter().rev().for_each(|section| text.push_str(section));
    Ok(text)
}

fn side_of(release: &Release) -> Side {
    Side { name: release.version.to_string(), public: release.public.clone(), table: None }
}

/// Returns the section about a side, and adds what was judged for it to `judged`.
fn section(
    (title, new): (&str, &Side),
    before: Result<&Release, &[Listed]>,
    approvals: &[Approval],
    invocation: &Invocation,
    judged: &mut Vec<Judgement>,
) -> Result<String> {
    let mut text = format!("\n## {title}\n");
    let before = match before {
        Ok(before) => before,
        Err(gone) => {
            text.push_str(&vocabulary(&new.public, gone));
            return Ok(text);
        }
    };
    let mut judgement = side::judge(new, &[side_of(before)])?;
    judgement.baselines.iter().for_each(|baseline| text.push_str(&verdicts(baseline)));
    for finding in &mut judgement.findings {
        let key = finding.change.key();
        let names = [Some(key.clone()), key.former()].map(|key| key.map(|key| key.to_string()));
        let is_it = |approval: &&Approval| names.iter().flatten().any(|name| *name == approval.finding);
        finding.approval = approvals.iter().find(is_it).cloned();
        finding.follows = None;
        if finding.approval.is_some() {
            finding.open.clear();
        }
        text.push_str(&of_finding(finding, invocation));
    }
    if judgement.findings.is_empty() {
        text.push_str("\nNothing that a client can see has changed.\n");
    }
    judged.push(judgement);
    Ok(text)
}

/// Returns what a release promises before which none is left.
fn vocabulary(public: &Public, gone: &[Listed]) -> String {
    let gone: Vec<&str> = gone.iter().map(|release| release.version.as_str()).collect();
    let mut text = match gone.as_slice() {
        [] => "\nThe first release of the public API.\n".to_owned(),
        gone => format!("\nThe first release whose file is kept, after {}.\n", gone.join(", ")),
    };
    let mut list = |title: &str, names: Vec<String>| {
        if !names.is_empty() {
            let _ = write!(text, "\n{title}: {}.\n", names.join(", "));
        }
    };
    let quoted = |name: &String| format!("`{name}`");
    let status = |(name, status): (&String, &PublicName)| match &status.since {
        Some(since) => format!("`{name}` (since {since})"),
        None => format!("`{name}`"),
    };
    let named = |names: &BTreeMap<String, PublicName>| names.iter().map(status).collect();
    list("Statuses", named(&public.statuses));
    list("Reasons", named(&public.reasons));
    list("Commands", public.commands.keys().map(quoted).collect());
    list("Capabilities", public.settings.iter().map(quoted).collect());
    list("Observers", public.observers.keys().map(quoted).collect());
    list("Guarantees", public.guarantees.keys().map(quoted).collect());
    text
}
