//! `api bless`: writes down what the table shows now, or that a difference from a release is wanted.

use anyhow::{Result, bail};
use clap::Args;
use migration_contract::frozen::{Approval, Version};
use migration_contract::public::lock::Listed;

use crate::api::files::{Files, shown};
use crate::api::side::{self, Side};
use crate::outcome::Outcome;
use crate::output::say;
use crate::table_file::TableFile;

#[derive(Args, Debug, Default)]
#[command(after_help = "Examples:\n\
\x20 migration-table api bless\n\
\x20 migration-table api bless --approve 'status-removed: device' \\\n\
\x20     --reason 'nobody waits for it' --link https://lists.example.org/1 --until 0.2\n\
\x20 migration-table api bless --withdraw 'status-removed: device'")]
pub(crate) struct Arguments {
    /// Approves this finding, as the line `accept` in `api check` names it; there the words in capitals are for you to fill in
    #[arg(long, value_name = "FINDING", requires_all = ["reason", "link", "until"], conflicts_with = "withdraw")]
    approve: Option<String>,

    /// Why the difference is wanted
    #[arg(long, requires = "approve")]
    reason: Option<String>,

    /// Where it was agreed
    #[arg(long, requires = "approve")]
    link: Option<String>,

    /// The release that will have it; the approval goes when that is frozen
    #[arg(long, value_name = "VERSION", requires = "approve")]
    until: Option<Version>,

    /// Approves the difference from this release only; may be given several times
    #[arg(long, value_name = "VERSION", requires = "approve")]
    against: Vec<Version>,

    /// Takes the approval of this finding back
    #[arg(long, value_name = "FINDING")]
    withdraw: Option<String>,

    /// Says that the clients of this release are not supported any more; its file may go
    #[arg(long, value_name = "VERSION", conflicts_with_all = ["approve", "withdraw"])]
    retire: Option<Version>,
}

/// Writes the lock, and the approvals if one comes or goes.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let files = Files::beside(file.path());
    let _guard = files.guard()?;
    if let Some(finding) = &arguments.withdraw {
        if let Some(table) = &file.read()?.table {
            files.read()?.belongs_to(&table.name)?;
        }
        withdraw(&files, finding)?;
        return Ok(Outcome::Clean);
    }
    let Some(new) = side::current(file)? else { return Ok(Outcome::Findings) };
    let wanted = approval(arguments)?;
    if let Some(approval) = &wanted {
        approve(&files, file, &new, approval.clone())?;
    }
    let name = shown(&files.lock());
    if let Some(version) = &arguments.retire {
        retire(&files, &new, version)?;
        say(format_args!("wrote {name}: {version} is retired"));
        return Ok(Outcome::Clean);
    }
    if files.write_lock(&new.public)? {
        say(format_args!("wrote {name}: look at its diff before you commit it"));
    } else if wanted.is_none() {
        say(format_args!("{name}: current already"));
    }
    Ok(Outcome::Clean)
}

/// Returns the approval that the arguments ask for.
fn approval(arguments: &Arguments) -> Result<Option<Approval>> {
    let (Some(finding), Some(reason), Some(link), Some(until)) =
        (&arguments.approve, &arguments.reason, &arguments.link, &arguments.until)
    else {
        return Ok(None);
    };
    for (name, text) in [("--reason", reason), ("--link", link)] {
        if text.trim().is_empty() {
            bail!("`{name}` is empty");
        }
    }
    Ok(Some(Approval {
        finding: finding.trim().to_owned(),
        against: arguments.against.iter().cloned().collect(),
        breaks: None,
        ways: None,
        reason: reason.trim().to_owned(),
        link: link.trim().to_owned(),
        until: until.clone(),
    }))
}

fn approve(files: &Files, file: &TableFile, new: &Side, approval: Approval) -> Result<()> {
    let releases = files.versions()?;
    if let Some(newest) = releases.last().filter(|newest| approval.until <= **newest) {
        bail!("{newest} is frozen: `--until` must name a later release");
    }
    if let Some(version) = approval.against.iter().find(|version| !releases.contains(version)) {
        bail!("`{version}` is no release in `{}`", shown(&files.releases_folder()));
    }
    let judgement = files.judge(&new.public)?;
    let keys: Vec<String> = judgement.findings.iter().map(|finding| finding.change.key().to_string()).collect();
    let Some(found) = keys.iter().position(|key| *key == approval.finding) else {
        let near = migration_table::nearest(&approval.finding, keys.iter().map(String::as_str));
        let hint = match near {
            Some(key) => format!("did you mean '{key}'?"),
            None => format!("`{}` lists the findings", file.invocation().command(&["api", "check"])),
        };
        bail!("no comparison finds `{}`: {hint}", approval.finding);
    };
    let change = &judgement.findings[found].change;
    let (breaks, ways) = (Some(change.broken.keys().cloned().collect()), Some(change.ways.clone()));
    let approval = Approval { breaks, ways, ..approval };
    let mut all = files.read_approvals()?;
    // The same approval once more may have another reason. One that adds nothing is not written: it would be unused.
    let is_same = |known: &Approval| known.finding == approval.finding && known.against == approval.against;
    if let Some(known) = all.iter().find(|known| known.includes(&approval) && !is_same(known)) {
        say(format_args!("approved already, until {}: {}", known.until, known.finding));
        return Ok(());
    }
    all.retain(|known| !is_same(known) && !approval.includes(known));
    say(format_args!("approved until {}: {}", approval.until, approval.finding));
    all.push(approval);
    files.write_approvals(&all)
}

fn retire(files: &Files, new: &Side, version: &Version) -> Result<()> {
    let frozen = files.read()?;
    frozen.belongs_to(&new.public.table)?;
    let mut listed = frozen.listed();
    let is_it = |entry: &&mut Listed| entry.version.parse::<Version>().is_ok_and(|known| known == *version);
    let Some(entry) = listed.iter_mut().find(is_it) else { bail!("`{version}` is no release that the lock lists") };
    entry.seal = None;
    files.write_listed(&new.public, &listed)?;
    Ok(())
}

fn withdraw(files: &Files, finding: &str) -> Result<()> {
    let all = files.read_approvals()?;
    let kept: Vec<Approval> = all.iter().filter(|approval| approval.finding != finding).cloned().collect();
    if kept.len() == all.len() {
        bail!("`{}` approves no `{finding}`", shown(&files.approvals()));
    }
    files.write_approvals(&kept)?;
    say(format_args!("no longer approved: {finding}"));
    Ok(())
}
