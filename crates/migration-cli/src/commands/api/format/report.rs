//! What is written of a judgement, whatever the format.

use std::collections::BTreeSet;

use migration_contract::compare::{Change, Level, ObserverClass, Step, Verdict, accept};
use migration_contract::frozen::{Baseline, Judgement, Mend};
use migration_contract::public::{Label, Reply};
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

/// Returns an observation as evidence shows it: `setup`, `?migrate`, `?migrate_cancel refused (GenericError)`.
fn step_words(step: &Step) -> String {
    if let Some(changes) = step.changes() {
        return format!("set {changes}");
    }
    let words = match &step.label {
        None => "nothing more".to_owned(),
        Some(Label::Event(shown)) => shown.to_string(),
        Some(Label::Reply(command, Reply::Success)) => format!("?{command}"),
        Some(Label::Reply(command, Reply::Error(class))) => format!("?{command} refused ({class})"),
    };
    if step.assumed { format!("({words})") } else { words }
}

/// The classes of clients that findings speak of, or that are among others that are named, with what each does; those
/// that a table declares are explained there.
pub(super) fn classes(judgement: &Judgement, named: &BTreeSet<&str>) -> Vec<(&'static str, String)> {
    let changes = || judgement.findings.iter().map(|finding| &finding.change);
    let is_found = |name: &str| changes().any(|change| change.breaks.contains(name) || change.seen_by.contains(name));
    let known = ObserverClass::ALL.into_iter().filter(|(name, _)| named.contains(name) || is_found(name));
    known.map(|(name, class)| (name, class.words())).collect()
}

/// All classes of clients for which there is a verdict.
pub(super) fn judged<'b>(baselines: impl IntoIterator<Item = &'b Baseline>) -> BTreeSet<&'b str> {
    let verdicts = baselines.into_iter().flat_map(|baseline| &baseline.verdicts);
    verdicts.map(|verdict| verdict.observer.as_str()).collect()
}

/// Returns the evidence of a change, in one line.
pub(super) fn evidence(change: &Change) -> String {
    change.evidence.iter().map(step_words).collect::<Vec<_>>().join(", ")
}

pub(super) fn listed<'s>(names: impl IntoIterator<Item = &'s String>) -> String {
    names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
