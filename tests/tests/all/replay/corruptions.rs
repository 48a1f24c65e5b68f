//! Damaged recordings are refused: a published status dropped, doubled, swapped with the next one, or renamed.
//!
//! Some damage makes another run of the machine. A run that was cut short is a run; a destination that shows `failed`
//! instead of `completed` and is never asked again has failed. Which damage does that is not listed here, but decided by
//! a second implementation, which enumerates what the reference interpreter can do: a damaged recording must be refused
//! exactly if that finds no run.

use std::collections::BTreeMap;

use migration_replay::Observation;
use migration_replay::log::Seen;
use migration_table::model::Table;

use super::brute;
use super::recordings::{Recording, follow, recordings, table};

/// A damaged recording.
struct Damaged {
    kind: &'static str,
    what: String,
    process: String,
    seen: Vec<Seen>,
}

#[test]
fn damaged_recordings_are_refused() {
    let table = table("10.0");
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (index, damaged) in recordings().iter().flat_map(|recording| damage(recording, &table)).enumerate() {
        let is_refused = follow(&table, &damaged.seen).is_err();
        let count = counts.entry(damaged.kind).or_default();
        *count = (count.0 + 1, count.1 + usize::from(is_refused));
        // The enumeration is slow, so of those that both sides surely refuse only some are tried.
        if (!is_refused || index % 16 == 0) && brute::explains(&table, &damaged.process, &damaged.seen) == is_refused {
            wrong.push(damaged.what);
        }
    }
    for (kind, (all, refused)) in &counts {
        println!("{kind}: {refused} of {all} refused");
    }
    assert!(wrong.is_empty(), "{} judged otherwise by enumeration:\n{}", wrong.len(), wrong.join("\n"));
    let refused: usize = counts.values().map(|(_, refused)| refused).sum();
    let all: usize = counts.values().map(|(all, _)| all).sum();
    assert!(refused >= 100 && refused * 100 >= all * 98, "only {refused} of {all} are refused");
    let (doubled, refused) = counts["doubled"];
    assert_eq!(doubled, refused, "a status that is published twice is a run");
}

/// The enumeration finds a run for every recording as it is.
#[test]
fn enumeration_explains_every_recording() {
    let table = table("10.0");
    for recording in recordings() {
        let mut processes: Vec<&str> = recording.seen.iter().map(|seen| seen.process.as_str()).collect();
        processes.sort_unstable();
        processes.dedup();
        for process in processes {
            assert!(brute::explains(&table, process, &recording.seen), "{} of {}", process, recording.name);
        }
    }
}

/// Every damage of the four kinds.
fn damage(recording: &Recording, table: &Table) -> Vec<Damaged> {
    let seen = &recording.seen;
    let published: Vec<usize> = (0..seen.len()).filter(|index| status(&seen[*index]).is_some()).collect();
    let mut all = Vec::new();
    for &index in &published {
        let mut push = |kind, change: &str, seen: Vec<Seen>| {
            let here = &recording.seen[index];
            let what = format!("{}, {} of {} ({index}) {kind}{change}", recording.name, here.words, here.process);
            all.push(Damaged { kind, what, process: here.process.clone(), seen });
        };
        push("dropped", "", edit(seen, |seen| drop(seen.remove(index))));
        push("doubled", "", edit(seen, |seen| seen.insert(index, seen[index].clone())));
        let next = published.iter().find(|next| **next > index && seen[**next].process == seen[index].process);
        if let Some(next) = next.filter(|next| seen[**next].observation != seen[index].observation) {
            push("swapped", "", edit(seen, |seen| seen.swap(index, *next)));
        }
        for other in table.statuses.iter().filter(|other| Some(other.name.as_str()) != status(&seen[index])) {
            let renamed = Observation::Published(other.name.clone());
            push("renamed", &format!(" to {}", other.name), edit(seen, |seen| seen[index].observation = renamed));
        }
    }
    all
}

fn edit(seen: &[Seen], edit: impl FnOnce(&mut Vec<Seen>)) -> Vec<Seen> {
    let mut seen = seen.to_vec();
    edit(&mut seen);
    seen
}

fn status(seen: &Seen) -> Option<&str> {
    if let Observation::Published(status) = &seen.observation { Some(status) } else { None }
}
