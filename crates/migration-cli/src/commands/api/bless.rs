//! `api bless`: writes down what the table shows now, or that a difference from a release is wanted.

use std::fs;

use anyhow::{Result, anyhow, bail};
use clap::Args;
use migration_contract::public::lock;

use crate::api::approvals::{self, Approval};
use crate::api::folder::Folder;
use crate::api::judge;
use crate::api::side::Side;
use crate::api::version::Version;
use crate::outcome::Outcome;
use crate::output::write_file;
use crate::table_file::TableFile;

#[derive(Args, Debug, Default)]
pub(crate) struct Arguments {
    /// Approves this finding, as its last line in `api check` names it
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
    until: Option<String>,

    /// Approves the difference from this release only; may be given several times
    #[arg(long, value_name = "VERSION", requires = "approve")]
    against: Vec<String>,

    /// Takes the approval of this finding back
    #[arg(long, value_name = "FINDING")]
    withdraw: Option<String>,
}

/// Writes the lock, and the approvals if one comes or goes.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let folder = Folder::beside(file.path());
    if let Some(finding) = &arguments.withdraw {
        withdraw(&folder, finding)?;
        return Ok(Outcome::Clean);
    }
    let Some(new) = file.side()? else { return Ok(Outcome::CouldNotRun) };
    let wanted = approval(arguments)?;
    if let Some(approval) = &wanted {
        approve(&folder, &new, approval.clone())?;
    }
    let (path, text) = (folder.lock(), lock::write(&new.public));
    if fs::read_to_string(&path).is_ok_and(|found| found == text) {
        if wanted.is_none() {
            eprintln!("{}: current already", folder.name(&path));
        }
    } else {
        write_file(&path, &text)?;
        eprintln!("wrote {}: look at its diff before you commit it", folder.name(&path));
    }
    Ok(Outcome::Clean)
}

/// The approval that the arguments ask for.
fn approval(arguments: &Arguments) -> Result<Option<Approval>> {
    let (Some(finding), Some(reason), Some(link), Some(until)) =
        (&arguments.approve, &arguments.reason, &arguments.link, &arguments.until)
    else {
        return Ok(None);
    };
    for (name, text) in [("--reason", reason), ("--link", link)] {
        if text.trim().is_empty() {
            bail!("`{name}` says nothing");
        }
    }
    Ok(Some(Approval {
        finding: finding.trim().to_owned(),
        against: arguments.against.iter().map(|version| Version::parse(version)).collect::<Result<_>>()?,
        reason: reason.trim().to_owned(),
        link: link.trim().to_owned(),
        until: Version::parse(until)?,
    }))
}

fn approve(folder: &Folder, new: &Side, approval: Approval) -> Result<()> {
    let releases = folder.releases()?;
    if let Some(newest) = releases.last().filter(|newest| approval.until <= **newest) {
        bail!("{} is frozen: `--until` must name a later release", newest);
    }
    if let Some(version) = approval.against.iter().find(|version| !releases.contains(version)) {
        bail!("`{version}` is no release in `api/releases`");
    }
    let judgement = judge::by_releases(folder, new.clone())?;
    let keys: Vec<String> = judgement.findings.iter().map(|finding| finding.change.key().to_string()).collect();
    if !keys.contains(&approval.finding) {
        let near = migration_table::nearest(&approval.finding, keys.iter().map(String::as_str));
        let hint = near
            .map_or("`cargo xtask api check` lists what there is".to_owned(), |key| format!("did you mean '{key}'?"));
        return Err(anyhow!("nothing finds `{}`: {hint}", approval.finding));
    }
    let mut all = approvals::read(folder)?;
    all.retain(|known| known.finding != approval.finding || known.against != approval.against);
    eprintln!("approved until {}: {}", approval.until, approval.finding);
    all.push(approval);
    approvals::write(folder, &all)
}

fn withdraw(folder: &Folder, finding: &str) -> Result<()> {
    let all = approvals::read(folder)?;
    let kept: Vec<Approval> = all.iter().filter(|approval| approval.finding != finding).cloned().collect();
    if kept.len() == all.len() {
        bail!("`{}` approves no `{finding}`", folder.name(&folder.approvals()));
    }
    approvals::write(folder, &kept)?;
    eprintln!("no longer approved: {finding}");
    Ok(())
}
