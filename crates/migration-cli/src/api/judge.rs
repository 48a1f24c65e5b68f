//! A table judged: is the lock what it shows, can clients of every supported release live with it, and is every
//! difference that they cannot live with wanted?

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Result, anyhow};
use migration_contract::compare::{Change, Level, Report, Verdict, compare};
use migration_contract::public::{Public, lock};

use super::approvals::{self, Approval};
use super::folder::Folder;
use super::hygiene;
use super::promised;
use super::release::{self, Release};
use super::side::Side;
use super::version::Version;

/// Everything that is to be said about a table.
#[derive(Debug)]
pub(crate) struct Judgement {
    /// What is judged.
    pub(crate) new: Side,
    /// What it was compared with, oldest first.
    pub(crate) baselines: Vec<Baseline>,
    /// The differences, each once, whatever it is a difference from.
    pub(crate) findings: Vec<Judged>,
    /// What is wrong with the files of the frozen side.
    pub(crate) disorder: Vec<Disorder>,
}

/// One side that the table was compared with.
#[derive(Debug)]
pub(crate) struct Baseline {
    /// How it is called.
    pub(crate) name: String,
    /// The answers, for every machine and every observer.
    pub(crate) verdicts: Vec<Verdict>,
}

/// A difference, and what is thought of it.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The difference.
    pub(crate) change: Change,
    /// The baselines from which it is one.
    pub(crate) against: Vec<String>,
    /// Those of them for which nobody has approved it.
    pub(crate) open: Vec<String>,
    /// The approval, where there is one.
    pub(crate) approval: Option<Approval>,
}

/// Something wrong with the files of the frozen side.
#[derive(Clone, Debug)]
pub(crate) struct Disorder {
    /// The rule that it breaks.
    pub(crate) rule: &'static str,
    /// The file.
    pub(crate) file: String,
    /// What is wrong, in one line.
    pub(crate) message: String,
    /// The one command that mends it.
    pub(crate) mend: String,
}

impl Judged {
    /// Whether it keeps the table from landing, when everything from this level on does.
    pub(crate) fn fails(&self, fail_on: Level) -> bool {
        self.change.level >= fail_on && !self.open.is_empty()
    }
}

impl Judgement {
    /// Whether anything keeps the table from landing.
    pub(crate) fn fails(&self, fail_on: Level) -> bool {
        !self.disorder.is_empty() || self.findings.iter().any(|finding| finding.fails(fail_on))
    }
}

/// Judges a table by its lock, its releases and its approvals.
pub(crate) fn by_releases(folder: &Folder, new: Side) -> Result<Judgement> {
    let mut disorder: Vec<Disorder> = lock_disorder(folder, &new.public).into_iter().collect();
    let mut releases = Vec::new();
    for version in folder.releases()? {
        match release::read(folder, &version) {
            Ok(release) => releases.push(release),
            Err(error) => disorder.push(modified(folder, &version, &error)),
        }
    }
    let wanted = approvals::read(folder).unwrap_or_else(|error| {
        let file = folder.name(&folder.approvals());
        disorder.push(Disorder {
            rule: hygiene::APPROVAL_UNKNOWN_KEY.id,
            message: format!("{error:#}"),
            mend: format!("edit the entry, or `git checkout -- {file}`"),
            file,
        });
        Vec::new()
    });
    let mut found = Found::default();
    for baseline in &releases {
        let report = compared(&new.public, &baseline.public, &baseline.version.to_string())?;
        let kept = release::kept(&releases, &baseline.version);
        found.add(baseline, report, &wanted, &kept);
    }
    if let Some(newest) = releases.last() {
        found.take(&newest.version, promised::gone_too_early(&releases, &new.public), &wanted, &[]);
    }
    disorder.extend(found.unused(folder, &wanted, &releases));
    Ok(Judgement { new, baselines: found.baselines, findings: found.findings, disorder })
}

/// Judges a table by sides that the user has named, without approvals.
pub(crate) fn by_sides(new: Side, olds: &[Side]) -> Result<Judgement> {
    let mut found = Found::default();
    for old in olds {
        let Report { verdicts, changes, .. } = compared(&new.public, &old.public, &old.name)?;
        found.baselines.push(Baseline { name: old.name.clone(), verdicts });
        changes.into_iter().for_each(|change| found.note(change, &old.name, None));
    }
    Ok(Judgement { new, baselines: found.baselines, findings: found.findings, disorder: Vec::new() })
}

fn compared(new: &Public, old: &Public, name: &str) -> Result<Report> {
    compare(new, old).map_err(|error| {
        anyhow!("the comparison with `{name}` was given up: {error}; a table that large cannot be judged, so this is no pass")
    })
}

/// What is wrong with the lock of the table, if anything is.
pub(crate) fn lock_disorder(folder: &Folder, shown: &Public) -> Option<Disorder> {
    let path = folder.lock();
    let file = folder.name(&path);
    let mend = "cargo xtask api bless".to_owned();
    let Ok(text) = fs::read_to_string(&path) else {
        let message = format!("`{file}` is missing: nothing says what the table may show");
        return Some(Disorder { rule: hygiene::LOCK_STALE.id, file, message, mend });
    };
    if text == lock::write(shown) {
        return None;
    }
    let message = match lock::read(&text) {
        Err(error) => format!("`{file}` cannot be read: {error}"),
        Ok(old) => {
            let what = match compare(shown, &old).map(|report| report.changes.len()) {
                Ok(0) => "in words only, not in behaviour".to_owned(),
                Ok(1) => "1 change".to_owned(),
                Ok(many) => format!("{many} changes"),
                Err(error) => error.to_string(),
            };
            format!("`{file}` is not what the table shows ({what}): its diff after `cargo xtask api bless` shows it")
        }
    };
    Some(Disorder { rule: hygiene::LOCK_STALE.id, file, message, mend })
}

fn modified(folder: &Folder, version: &Version, error: &anyhow::Error) -> Disorder {
    let file = folder.name(&folder.release(version));
    Disorder {
        rule: hygiene::RELEASE_LOCK_MODIFIED.id,
        message: format!("{error:#}"),
        mend: format!("git checkout $(git log --diff-filter=A --format=%H -- {file}) -- {file}"),
        file,
    }
}

/// The differences as they come in, one baseline after the other.
#[derive(Default)]
struct Found {
    baselines: Vec<Baseline>,
    findings: Vec<Judged>,
    /// The place of a finding in the list, by its key.
    known: BTreeMap<String, usize>,
    /// The approvals that were of use, by their index.
    used: BTreeSet<usize>,
}

impl Found {
    fn add(&mut self, baseline: &Release, report: Report, wanted: &[Approval], kept: &[&Approval]) {
        self.take(&baseline.version, report.changes, wanted, kept);
        self.baselines.push(Baseline { name: baseline.version.to_string(), verdicts: report.verdicts });
    }

    /// Takes differences from a release, each with the approval that speaks of it.
    fn take(&mut self, version: &Version, changes: Vec<Change>, wanted: &[Approval], kept: &[&Approval]) {
        for change in changes {
            let key = change.key().to_string();
            let is_it = |approval: &Approval| approval.finding == key && approval.speaks_of(version);
            let index = wanted.iter().position(is_it);
            self.used.extend(index);
            let of_release = || kept.iter().copied().find(|approval| approval.finding == key);
            let approval = index.map(|index| &wanted[index]).or_else(of_release).cloned();
            self.note(change, &version.to_string(), approval);
        }
    }

    fn note(&mut self, change: Change, against: &str, approval: Option<Approval>) {
        let next = self.findings.len();
        let index = *self.known.entry(change.key().to_string()).or_insert(next);
        if index == next {
            let (against, open) = (Vec::new(), Vec::new());
            self.findings.push(Judged { change, against, open, approval: None });
        } else if self.findings[index].change.level < change.level {
            // The same difference can matter more to the clients of another release.
            self.findings[index].change = change;
        }
        let finding = &mut self.findings[index];
        if finding.against.last().is_some_and(|last| last == against) {
            return;
        }
        finding.against.push(against.to_owned());
        match approval {
            Some(approval) => finding.approval = Some(approval),
            None => finding.open.push(against.to_owned()),
        }
    }

    /// What is wrong with the approvals that nothing has used.
    fn unused(&self, folder: &Folder, wanted: &[Approval], releases: &[Release]) -> Vec<Disorder> {
        let file = folder.name(&folder.approvals());
        let newest = releases.last().map(|release| &release.version);
        let mut disorder = Vec::new();
        for (index, approval) in wanted.iter().enumerate() {
            let finding = &approval.finding;
            let unknown = approval.against.iter().find(|version| !releases.iter().any(|it| it.version == **version));
            let (rule, message) = if let Some(newest) = newest.filter(|newest| approval.until <= **newest) {
                let until = &approval.until;
                (
                    hygiene::APPROVAL_EXPIRED.id,
                    format!("the approval of `{finding}` was until {until}, and {newest} is frozen"),
                )
            } else if let Some(version) = unknown {
                (
                    hygiene::APPROVAL_UNKNOWN_KEY.id,
                    format!("the approval of `{finding}` speaks of {version}, which is no release"),
                )
            } else if !self.used.contains(&index) {
                (
                    hygiene::APPROVAL_UNUSED.id,
                    format!("the approval of `{finding}` is of no use: nothing finds that any more"),
                )
            } else {
                continue;
            };
            let mend = format!("cargo xtask api bless --withdraw '{finding}'");
            disorder.push(Disorder { rule, file: file.clone(), message, mend });
        }
        disorder
    }
}
