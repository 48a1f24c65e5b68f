//! The differences that are found, with the approvals that cover them, one old side after the other.

use std::collections::{BTreeMap, BTreeSet};

use super::approval::{Approval, Uncovered};
use super::disorder::{Disorder, Mend};
use super::hygiene;
use super::judgement::{Baseline, JudgedChange};
use super::release::Release;
use crate::compare::{Change, Key, Level, Report, Step};
use crate::public::Label;
use migration_table::Version;

/// The differences found so far, one baseline after the other.
#[derive(Default)]
pub(super) struct Found {
    pub(super) baselines: Vec<Baseline>,
    findings: Vec<JudgedChange>,
    /// The index of a finding in the list, by its key.
    known: BTreeMap<String, usize>,
    /// The indices of the approvals that approve something.
    used: BTreeSet<usize>,
    /// The names of findings, by the older name that they had.
    renamed: BTreeMap<String, BTreeSet<String>>,
}

impl Found {
    pub(super) fn add(&mut self, baseline: &Release, report: Report, wanted: &[Approval], kept: &[&Approval]) {
        self.take(&baseline.version, report.changes, wanted, kept);
        self.baselines.push(Baseline { name: baseline.version.to_string(), verdicts: report.verdicts });
    }

    /// Takes differences from a release, each with the approval that covers it.
    pub(super) fn take(&mut self, version: &Version, changes: Vec<Change>, wanted: &[Approval], kept: &[&Approval]) {
        let keys: Vec<Key> = changes.iter().map(Change::key).collect();
        let kept: Vec<Option<&Approval>> = changes.iter().map(|change| kept_for(change, &changes, kept)).collect();
        for ((change, key), kept) in changes.into_iter().zip(keys).zip(kept) {
            if let Some(former) = key.former() {
                self.renamed.entry(former.to_string()).or_default().insert(key.to_string());
            }
            let key = key.to_string();
            let is_it = |approval: &Approval| approval.finding == key && approval.covers(version);
            let index = wanted.iter().position(is_it);
            self.used.extend(index);
            let approval = best(&change, index.map(|index| &wanted[index]).into_iter().chain(kept)).cloned();
            self.note(change, &version.to_string(), approval);
        }
    }

    pub(super) fn note(&mut self, change: Change, against: &str, approval: Option<Approval>) {
        let (next, level) = (self.findings.len(), change.level);
        let uncovered = approval.as_ref().map(|approval| approval.uncovered(&change));
        let open_level = uncovered.as_ref().map_or(Some(level), |uncovered| uncovered.level(level));
        let index = *self.known.entry(change.key().to_string()).or_insert(next);
        if index == next {
            self.findings.push(JudgedChange::new(change));
        } else {
            merge(&mut self.findings[index].change, change);
        }
        let finding = &mut self.findings[index];
        if finding.against.last().is_some_and(|last| last == against) {
            return;
        }
        finding.against.push(against.to_owned());
        if open_level.is_some() {
            finding.open.push(against.to_owned());
            finding.open_level = finding.open_level.max(open_level);
        }
        let Uncovered { ways, broken } = uncovered.unwrap_or_default();
        finding.unapproved.ways.extend(ways);
        finding.unapproved.broken.extend(broken);
        finding.approval = approval.or(finding.approval.take());
    }

    /// Returns what was found, each with the error that it follows. What is approved in part matters as much as the rest of it.
    pub(super) fn judged(mut self) -> (Vec<Baseline>, Vec<JudgedChange>) {
        let follows: Vec<Option<String>> = self.findings.iter().map(|finding| self.followed_by(finding)).collect();
        self.findings.iter_mut().zip(follows).for_each(|(finding, follows)| finding.follows = follows);
        for finding in &mut self.findings {
            finding.change.level = finding.open_level.unwrap_or(finding.change.level);
        }
        (self.baselines, self.findings)
    }

    /// The name of the open error whose evidence ends with the first step that the walk to this finding assumed.
    fn followed_by(&self, JudgedChange { change, .. }: &JudgedChange) -> Option<String> {
        let first = change.evidence.iter().position(|step| step.assumed)?;
        let shown = |steps: &[Step]| -> Vec<(Option<Label>, _)> {
            steps.iter().map(|step| (step.label.clone(), step.set.clone())).collect()
        };
        let is_followed = |other: &&JudgedChange| {
            let is_open = other.change.machine == change.machine && other.fails(Level::Break);
            is_open && !other.change.is_assumed() && shown(&other.change.evidence) == shown(&change.evidence[..=first])
        };
        self.findings.iter().find(is_followed).map(|other| other.change.key().to_string())
    }

    fn why_unused(&self, finding: &str) -> String {
        let Some(names) = self.renamed.get(finding) else {
            return "is unused: no comparison has this finding any more".to_owned();
        };
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("is unused: the name of a finding says more now, {}: approve what is wanted of it", names.join(", "))
    }

    /// Returns what is wrong with the approvals that approve nothing.
    pub(super) fn unused(&self, file: &str, wanted: &[Approval], releases: &[Release]) -> Vec<Disorder> {
        let newest = releases.last().map(|release| &release.version);
        let mut disorder = Vec::new();
        for (index, approval) in wanted.iter().enumerate() {
            let Approval { finding, until, against, .. } = approval;
            let unknown = against.iter().find(|version| !releases.iter().any(|it| it.version == **version));
            let (rule, problem) = if let Some(newest) = newest.filter(|newest| until <= *newest) {
                (&hygiene::APPROVAL_EXPIRED, format!("was until {until}, and {newest} is frozen"))
            } else if let Some(version) = unknown {
                (&hygiene::APPROVAL_UNKNOWN_KEY, format!("names {version}, which is no release"))
            } else if !self.used.contains(&index) {
                (&hygiene::APPROVAL_UNUSED, self.why_unused(finding))
            } else {
                continue;
            };
            let message = format!("the approval of `{finding}` {problem}");
            // To withdraw a finding takes all its entries out.
            let is_only = wanted.iter().filter(|other| other.finding == *finding).count() == 1;
            let mend = if is_only {
                Mend::Run(["api", "bless", "--withdraw", finding].map(str::to_owned).into())
            } else {
                Mend::Do(format!("take this entry out of `{file}`, and leave the others of the same finding"))
            };
            disorder.push(Disorder { rule: rule.id, file: file.to_owned(), message, mend });
        }
        disorder
    }
}

/// Takes in a difference that another release has as well: its ways, and whom it breaks. It can matter more to the clients
/// of one release than to those of another.
fn merge(known: &mut Change, mut change: Change) {
    if known.level < change.level {
        std::mem::swap(known, &mut change);
    }
    known.machines.append(&mut change.machines);
    known.ways.append(&mut change.ways);
    known.breaks.append(&mut change.breaks);
    known.seen_by.append(&mut change.seen_by);
    for (class, level) in change.broken {
        let kept = known.broken.entry(class).or_insert(level);
        *kept = level.max(*kept);
    }
}

/// Returns the approval of a finding among those that are kept. One that has its older name holds if it is the only
/// finding which had that.
pub(super) fn kept_for<'a>(change: &Change, changes: &[Change], kept: &[&'a Approval]) -> Option<&'a Approval> {
    let named = |name: &Key| {
        let name = name.to_string();
        best(change, kept.iter().copied().filter(|approval| approval.finding == name))
    };
    let key = change.key();
    named(&key).or_else(|| {
        let former = key.former()?;
        let is_only = changes.iter().filter(|other| other.key().former().as_ref() == Some(&former)).count() == 1;
        named(&former).filter(|_| is_only)
    })
}

/// Returns that of the approvals of a finding which covers the most of it, the first of several.
fn best<'a>(change: &Change, approvals: impl Iterator<Item = &'a Approval>) -> Option<&'a Approval> {
    approvals.min_by_key(|approval| approval.uncovered(change).len())
}
