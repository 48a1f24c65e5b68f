//! A table judged: is the lock what it shows, can clients of every supported release live with it, and is every
//! difference that they cannot live with approved?

use std::error::Error;
use std::fmt;

use super::approval::Approval;
use super::deprecation::gone_too_early;
use super::disorder::{Disorder, Mend};
use super::found::{Found, kept_for};
use super::judgement::{Baseline, Judgement};
use super::lock_state::{LockState, lock_state};
use super::release::{Release, approvals_of_later};
use super::{hygiene, listing};
use crate::compare::{Change, CompareError, Report, Verdict, compare};
use crate::public::Public;
use crate::public::lock::{self, Listed};
use migration_table::Invocation;

/// The files of the frozen side of a table, as they were read. Each has the name by which messages call it.
#[derive(Debug)]
pub struct Frozen {
    /// The lock, and its text if there is one; or why it cannot be read.
    pub lock: (String, Result<Option<String>, String>),
    /// The folder of the releases.
    pub folder: String,
    /// The releases, oldest first; or why the file of one cannot be accepted.
    pub releases: Vec<(String, Result<Release, String>)>,
    /// The files in the folder of the releases that have the ending of one, and no version for a name.
    pub strangers: Vec<String>,
    /// The approvals; or why the file of them cannot be accepted.
    pub approvals: (String, Result<Vec<Approval>, String>),
}

/// Why a table is not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A file of the frozen side belongs to another table.
    OtherTable {
        /// The file.
        file: String,
        /// The name of the table that it belongs to.
        owner: String,
        /// The name of the table that was to be judged.
        table: String,
    },
    /// A comparison has too many cases.
    TooLarge {
        /// The old side.
        baseline: String,
        /// What there is too much of.
        error: CompareError,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::OtherTable { file, owner, table } => write!(
                out,
                "`{file}` belongs to the table `{owner}`, and `machine:` of this one says `{table}`: if they are the same \
                 table, give it its old name back; if not, keep this one in a file of another name, which has a frozen \
                 side of its own. If `{file}` was written while the table had another name, and no release was frozen, \
                 take it away: then `api bless` writes it anew"
            ),
            Refusal::TooLarge { baseline, error } => write!(
                out,
                "the comparison with `{baseline}` was given up: {error}; a table that large cannot be judged, so this is \
                 no pass"
            ),
        }
    }
}

impl Error for Refusal {}

impl Frozen {
    /// Checks that every file which can be read belongs to the table of this name.
    ///
    /// # Errors
    ///
    /// Returns [`Refusal::OtherTable`] for the first file that belongs to another table.
    pub fn belongs_to(&self, table: &str) -> Result<(), Refusal> {
        let file = &self.lock.0;
        let lock = self.lock_text().and_then(|text| lock::read(text).ok()).map(|public| (file, public.table));
        let releases = self.releases.iter();
        let releases = releases.filter_map(|(file, read)| Some((file, read.as_ref().ok()?.public.table.clone())));
        lock.into_iter().chain(releases).try_for_each(|(file, owner)| same_table(file, &owner, table))
    }
}

impl Frozen {
    fn lock_text(&self) -> Option<&String> {
        self.lock.1.as_ref().ok()?.as_ref()
    }

    /// Returns the releases that are known: those that the lock and the files of releases list, and those whose file is
    /// there. What the lock says of one counts; a table that it does not list is listed as it is.
    #[must_use]
    pub fn listed(&self) -> Vec<Listed> {
        listing::known(self.lock_text().map(String::as_str), &self.releases)
    }
}

fn same_table(file: &str, owner: &str, table: &str) -> Result<(), Refusal> {
    if owner == table {
        return Ok(());
    }
    let [file, owner, table] = [file, owner, table].map(str::to_owned);
    Err(Refusal::OtherTable { file, owner, table })
}

/// Judges a table by its lock, its releases and its approvals.
///
/// # Errors
///
/// Returns why the table cannot be judged.
pub fn by_frozen(new: &Public, frozen: Frozen) -> Result<Judgement, Refusal> {
    frozen.belongs_to(&new.table)?;
    let mut disorder: Vec<Disorder> = lock_disorder(&frozen.lock, new).into_iter().collect();
    if let Some(text) = frozen.lock_text() {
        let mut listing = listing::disorder((&frozen.lock.0, text), &frozen.folder, &frozen.releases);
        // What a lock lists that cannot be read is mended with it.
        let is_damaged = lock::read(text).is_err();
        listing.retain(|it| !is_damaged || it.rule != hygiene::LOCK_STALE.id);
        disorder.extend(listing);
    }
    disorder.extend(frozen.strangers.iter().map(|file| stranger(file)));
    let is_unreleased = frozen.releases.is_empty() && frozen.listed().is_empty();
    let lock = frozen.lock_text().cloned();
    let (releases, unsupported) = listing::supported(lock.as_deref(), frozen.releases);
    disorder.extend(unsupported);
    let (file, read) = frozen.approvals;
    let wanted = read.unwrap_or_else(|message| {
        let rule = hygiene::APPROVAL_UNKNOWN_KEY.id;
        let mend = Mend::Do(format!("edit the entry, or `git checkout -- {file}`"));
        disorder.push(Disorder { rule, message, mend, file: file.clone() });
        Vec::new()
    });
    let mut found = Found::default();
    for baseline in &releases {
        let report = compared(new, &baseline.public, &baseline.version.to_string())?;
        let kept = approvals_of_later(&releases, &baseline.version);
        found.add(baseline, report, &wanted, &kept);
    }
    if let Some((newest, baseline)) = releases.last().zip(found.baselines.last_mut()) {
        let everybody = baseline.verdicts.iter().map(|verdict| verdict.observer.clone()).collect();
        let early = gone_too_early(&releases, new, &everybody);
        early.iter().for_each(|change| spoil(&mut baseline.verdicts, change));
        found.take(&newest.version, early, &wanted, &[]);
    }
    disorder.extend(found.unused(&file, &wanted, &releases));
    let (baselines, findings) = found.judged();
    Ok(Judgement { baselines, findings, disorder, is_unreleased })
}

/// Another side to judge a table by.
#[derive(Clone, Debug)]
pub struct OtherSide<'s> {
    /// The name that the user gave for it.
    pub name: &'s str,
    /// What clients of it were shown.
    pub public: &'s Public,
    /// The approvals that cover a difference from it.
    pub approvals: Vec<&'s Approval>,
}

/// Judges a table by other sides.
///
/// # Errors
///
/// Returns why the table cannot be judged.
pub fn by_sides<'s>(new: &Public, olds: impl IntoIterator<Item = OtherSide<'s>>) -> Result<Judgement, Refusal> {
    let mut found = Found::default();
    for OtherSide { name, public, approvals } in olds {
        same_table(name, &public.table, &new.table)?;
        let Report { verdicts, changes, .. } = compared(new, public, name)?;
        found.baselines.push(Baseline { name: name.to_owned(), verdicts });
        let judged: Vec<Option<Approval>> =
            changes.iter().map(|change| kept_for(change, &changes, &approvals).cloned()).collect();
        changes.into_iter().zip(judged).for_each(|(change, approval)| found.note(change, name, approval));
    }
    let (baselines, findings) = found.judged();
    Ok(Judgement { baselines, findings, disorder: Vec::new(), is_unreleased: false })
}

/// Compares two sides. No client that a finding breaks can live with the new side, also where only names are others.
fn compared(new: &Public, old: &Public, name: &str) -> Result<Report, Refusal> {
    let too_large = |error| Refusal::TooLarge { baseline: name.to_owned(), error };
    let mut report = compare(new, old).map_err(too_large)?;
    report.changes.iter().for_each(|change| spoil(&mut report.verdicts, change));
    Ok(report)
}

fn spoil(verdicts: &mut [Verdict], change: &Change) {
    let concerns = |verdict: &Verdict| {
        change.breaks.contains(&verdict.observer)
            && (change.machines.is_empty() || change.machines.contains(&verdict.machine))
    };
    verdicts.iter_mut().filter(|verdict| concerns(verdict)).for_each(|verdict| verdict.compatible = false);
}

/// A file among the releases that is the file of none.
fn stranger(file: &str) -> Disorder {
    let message = format!("`{file}` is not the file of a release: its name is no version");
    let mend = Mend::Do(Invocation::new("rm").command(&[file]));
    Disorder { rule: hygiene::RELEASE_LOCK_MODIFIED.id, message, mend, file: file.to_owned() }
}

/// Returns what is wrong with the lock, if anything is.
fn lock_disorder((file, text): &(String, Result<Option<String>, String>), new: &Public) -> Option<Disorder> {
    let text = match text {
        Ok(text) => text,
        Err(why) => {
            let message = format!("`{file}` cannot be read: {why}");
            let mend = Mend::Do(format!("look at `{file}`, take it away, and write it anew with `api bless`"));
            return Some(Disorder { rule: hygiene::LOCK_STALE.id, file: file.clone(), message, mend });
        }
    };
    let message = match text.as_ref().map(|text| lock_state(text, new)) {
        None => format!("`{file}` is missing: nothing says what the table may show"),
        // A lock of another table is refused before.
        Some(LockState::Current | LockState::OtherTable(_)) => return None,
        Some(LockState::Damaged(error)) => format!("`{file}` cannot be read: {error}"),
        Some(LockState::Stale(report)) => {
            let what = match report.changes.len() {
                0 => "no comparison finds what a client would notice, and it is written otherwise".to_owned(),
                1 => "1 change".to_owned(),
                many => format!("{many} changes"),
            };
            format!("`{file}` is not what the table shows: {what}")
        }
        Some(LockState::TooLarge(error)) => format!("`{file}` is not what the table shows: {error}"),
    };
    let mend = Mend::Run(["api", "bless"].map(str::to_owned).into());
    Some(Disorder { rule: hygiene::LOCK_STALE.id, file: file.clone(), message, mend })
}
