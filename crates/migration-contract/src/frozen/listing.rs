//! The releases as the lock lists them: one that is gone, was replaced, or is not listed, and the same of its table.

use std::collections::BTreeMap;
use std::path::Path;

use super::disorder::{Disorder, Mend, modified};
use super::hygiene;
use super::release::Release;
use crate::public::lock::{self, Listed};
use migration_table::Version;

/// The releases, each with the name of its file, or why that cannot be accepted.
type Read = [(String, Result<Release, String>)];

/// Returns the releases that are known, by the text of the lock and by their files. What the lock says of one counts.
pub(super) fn known(lock: Option<&str>, releases: &Read) -> Vec<Listed> {
    let here = lock.map(lock::listed).unwrap_or_default();
    let read: Vec<&Release> = releases.iter().filter_map(|(_, read)| read.as_ref().ok()).collect();
    let chained: Vec<Listed> = read.iter().flat_map(|release| release.listed.clone()).collect();
    let files: Vec<Listed> = read.iter().map(|release| release.entry()).collect();
    let owners = owners(&here, &chained, &files);
    let mut known: BTreeMap<Version, Listed> = BTreeMap::new();
    for entry in here.into_iter().chain(chained).chain(files) {
        if let Ok(version) = entry.version.parse() {
            let owner = entry.seal.as_ref().and_then(|seal| owners.get(seal));
            if owner.is_some_and(|owner| *owner != version) {
                continue;
            }
            let first = known.entry(version).or_insert_with(|| entry.clone());
            if first.seal.is_some() && first.table.is_none() {
                first.table = entry.table;
            }
        }
    }
    known.into_values().collect()
}

/// Returns by seal the release that it belongs to: any other with that seal is a copy. The file of a release lists those
/// before it, so no two are alike. What a sealed file lists counts before the lock, which may list a copy; then comes
/// the lock, and the file of a release that is listed without a seal, as it is retired.
fn owners(here: &[Listed], chained: &[Listed], files: &[Listed]) -> BTreeMap<String, Version> {
    let retired = |file: &&Listed| here.iter().any(|entry| entry.version == file.version && entry.seal.is_none());
    let mut owners = BTreeMap::new();
    let rest = files.iter().filter(|file| !retired(file));
    for Listed { version, seal, .. } in chained.iter().chain(files.iter().filter(retired)).chain(here).chain(rest) {
        if let (Some(seal), Ok(version)) = (seal, version.parse()) {
            owners.entry(seal.clone()).or_insert(version);
        }
    }
    owners
}

/// Splits off what does not count as a supported release: the file of one that is retired, which may be there or not, and
/// the copy of another release under a name of its own, which is an error.
pub(super) fn supported(
    lock: Option<&str>,
    releases: Vec<(String, Result<Release, String>)>,
) -> (Vec<Release>, Vec<Disorder>) {
    let known = known(lock, &releases);
    let files = releases.iter().filter_map(|(_, read)| read.as_ref().ok()).map(Release::entry);
    let of_known = files.filter(|file| known.iter().any(|it| it.version == file.version));
    let originals: Vec<Listed> = known.iter().cloned().chain(of_known).collect();
    let (mut kept, mut found) = (Vec::new(), Vec::new());
    for (file, read) in releases {
        let version = match &read {
            Ok(release) => Some(release.version.clone()),
            Err(_) => Path::new(&file).file_stem().and_then(|stem| stem.to_str()?.parse().ok()),
        };
        let entry = known.iter().find(|it| version.is_some() && it.version.parse::<Version>().ok() == version);
        match (entry, read) {
            (Some(Listed { seal: None, .. }), _) => {}
            (None, Ok(release)) => {
                let like = originals.iter().find(|it| it.seal.as_ref() == Some(&release.seal));
                let like = like.map_or("another one", |it| it.version.as_str());
                let version = &release.version;
                let message = format!("`{file}` is a copy of the file of {like}: {version} was never frozen");
                let mend =
                    Mend::Do(format!("take `{file}` away, and freeze {version} with `api freeze` if it is released"));
                found.push(Disorder { rule: hygiene::RELEASE_LOCK_MODIFIED.id, message, mend, file });
            }
            (Some(entry), Err(message)) => found.push(modified(file, entry.seal.clone(), message)),
            (None, Err(message)) => found.push(modified(file, None, message)),
            (Some(_), Ok(release)) => kept.push(release),
        }
    }
    (kept, found)
}

/// Returns what is wrong with the releases as a list. `folder` is the folder of their files.
pub(super) fn disorder((lock, text): (&str, &str), folder: &str, releases: &Read) -> Vec<Disorder> {
    let in_lock = lock::listed(text);
    let mut found = Vec::new();
    for listed in known(Some(text), releases) {
        let version = &listed.version;
        let file = format!("{folder}/{version}.lock");
        let named = |it: &str| it.parse::<Version>().ok() == version.parse::<Version>().ok();
        let there = releases.iter().find(|(known, read)| match read {
            Ok(release) => named(&release.version.to_string()),
            Err(_) => *known == file,
        });
        match (there, &listed.seal) {
            (None, Some(_)) => {
                let message = format!("release {version} is listed, and its file `{file}` is gone");
                let mend = Mend::TakeBack { seal: listed.seal.clone() };
                found.push(Disorder { rule: hygiene::RELEASE_MISSING.id, message, mend, file });
            }
            (Some((file, Ok(release))), Some(seal)) if release.seal != *seal => {
                let message = format!("`{file}` is not the file that `{lock}` lists for {version}: it was replaced");
                found.push(modified(file.clone(), Some(seal.clone()), message));
            }
            (Some((_, Ok(release))), _) => {
                let entry = in_lock.iter().find(|it| named(&it.version));
                found.extend(of_table(&format!("{folder}/{version}.yaml"), lock, release, &listed));
                found.extend(not_listed(lock, entry, &listed));
            }
            (Some((_, Err(_))), _) | (None, None) => {}
        }
    }
    found
}

/// Returns that the lock does not list a release or its table, where that is so.
fn not_listed(lock: &str, entry: Option<&Listed>, known: &Listed) -> Option<Disorder> {
    let version = &known.version;
    let message = match entry {
        None => format!("`{lock}` does not list release {version}"),
        Some(entry) if entry.seal.is_some() && entry.table != known.table => {
            format!("`{lock}` does not list the table of release {version}")
        }
        Some(_) => return None,
    };
    let mend = Mend::Run(["api", "bless"].map(str::to_owned).into());
    Some(Disorder { rule: hygiene::LOCK_STALE.id, message, mend, file: lock.to_owned() })
}

/// Returns what is wrong with the table that is kept of a release, if anything is.
fn of_table(file: &str, lock: &str, release: &Release, listed: &Listed) -> Option<Disorder> {
    let version = &release.version;
    match (&release.table, &listed.table) {
        (None, Some(_)) => {
            let message = format!("`{lock}` lists the table of release {version}, and its file `{file}` is gone");
            let (rule, mend) = (hygiene::RELEASE_MISSING.id, Mend::TakeBack { seal: listed.table.clone() });
            Some(Disorder { rule, message, mend, file: file.to_owned() })
        }
        (Some(found), Some(wanted)) if found != wanted => {
            let message = format!("`{file}` is not the table that `{lock}` lists for {version}: it was changed");
            Some(modified(file.to_owned(), Some(wanted.clone()), message))
        }
        (Some(_) | None, _) => None,
    }
}
