//! What is written of a judgement, whatever the format.

use std::collections::BTreeSet;

use migration_contract::compare::{Change, Level, ObserverClass, Verdict, accept};
use migration_contract::frozen::{Baseline, JudgedChange, Judgement, Mend};
use migration_table::Invocation;

use crate::api::side::Side;

pub(in crate::commands::api) struct Report<'r> {
    /// The side that was judged.
    pub(in crate::commands::api) new: &'r Side,
    pub(in crate::commands::api) judgement: &'r Judgement,
    /// From this level on, a difference that nobody has approved is a failure.
    pub(in crate::commands::api) fail_on: Level,
    /// How the reader runs this program.
    pub(in crate::commands::api) invocation: &'r Invocation,
}

impl Report<'_> {
    /// Returns the command that approves a finding; `None` where it needs no approval.
    pub(super) fn accept(&self, change: &Change) -> Option<String> {
        let is_needed = change.level != Level::Note || self.fail_on == Level::Note;
        is_needed.then(|| accept(change, self.invocation))
    }

    /// Returns what mends a file, as one line.
    pub(super) fn mend(&self, mend: &Mend) -> String {
        match mend {
            Mend::Run(arguments) => self.invocation.command(&arguments.iter().map(String::as_str).collect::<Vec<_>>()),
            Mend::Do(text) => text.clone(),
            Mend::TakeBack { .. } => "take the file back as it was frozen".to_owned(),
        }
    }
}

/// Returns a verdict in words.
pub(super) fn verdict_words(verdict: &Verdict) -> String {
    format!("{}{}", verdict.headline.name(), if verdict.compatible { "" } else { ", breaks" })
}

/// The classes of clients that findings speak of, or that are among others that are named, with what each does; those
/// that a table declares are explained there.
pub(super) fn classes(judgement: &Judgement, named: &BTreeSet<&str>) -> Vec<(&'static str, String)> {
    let changes = || judgement.findings.iter().map(|finding| &finding.change);
    let is_found = |name: &str| changes().any(|change| change.breaks.contains(name) || change.seen_by.contains(name));
    let known = ObserverClass::ALL.into_iter().filter(|(name, _)| named.contains(name) || is_found(name));
    known.map(|(name, class)| (name, class.words())).collect()
}

/// Returns for which clients, or on which ways, an approval does not hold; empty if it holds.
pub(super) fn not_approved(finding: &JudgedChange) -> String {
    let ways: Vec<String> = finding.unapproved.ways.iter().map(|way| format!("the way {way}")).collect();
    let broken: Vec<&str> = finding.unapproved.broken.keys().map(String::as_str).collect();
    let names_none = finding.approval.as_ref().is_some_and(|it| it.ways.as_ref().is_some_and(BTreeSet::is_empty));
    match ways.as_slice() {
        [] if !broken.is_empty() => format!(", but not for {}, whom it breaks as well", broken.join(", ")),
        [] if finding.open.is_empty() => String::new(),
        [] => format!(", but not for clients of {}", listed(&finding.open)),
        _ if names_none => ", but the approval does not say on which ways: approve it anew".to_owned(),
        [first] => format!(", but not on {first}"),
        [first, others @ ..] => format!(", but not on {first}, and {} more", others.len()),
    }
}

/// All classes of clients for which there is a verdict.
pub(super) fn judged<'b>(baselines: impl IntoIterator<Item = &'b Baseline>) -> BTreeSet<&'b str> {
    let verdicts = baselines.into_iter().flat_map(|baseline| &baseline.verdicts);
    verdicts.map(|verdict| verdict.observer.as_str()).collect()
}

pub(super) fn listed<'s>(names: impl IntoIterator<Item = &'s String>) -> String {
    names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
