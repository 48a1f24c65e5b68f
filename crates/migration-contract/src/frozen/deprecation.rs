//! Names that are gone after fewer deprecated releases than was promised. Only the list of releases shows it: a
//! comparison with one release cannot.

use std::collections::{BTreeMap, BTreeSet};

use super::release::Release;
use crate::compare::{Change, Level, ObserverClass};
use crate::public::{ALWAYS, Public, PublicName, Settings};

/// The names of one kind.
type Names = BTreeMap<String, PublicName>;

/// Returns a finding for each name that was deprecated and is gone after fewer releases than the newest one promises.
/// Clients of every kind were promised that, so it breaks everybody.
pub(super) fn gone_too_early(releases: &[Release], new: &Public, everybody: &BTreeSet<String>) -> Vec<Change> {
    let Some(newest) = releases.last() else { return Vec::new() };
    let promised = usize::from(newest.public.deprecated_for);
    let kinds: [fn(&Public) -> &Names; 3] =
        [|public| &public.statuses, |public| &public.reasons, |public| &public.commands];
    let mut changes = Vec::new();
    for names in kinds {
        let is_gone = |name: &&String| !names(new).contains_key(*name);
        for name in names(&newest.public).keys().filter(is_gone) {
            let says_so =
                |release: &&Release| names(&release.public).get(name).is_some_and(|it| it.deprecated.is_some());
            let many = releases.iter().filter(says_so).count();
            // One that was never deprecated is found in every comparison.
            if (1..promised).contains(&many) {
                changes.push(change(name, many, promised, everybody));
            }
        }
    }
    changes
}

fn change(name: &str, many: usize, promised: usize, everybody: &BTreeSet<String>) -> Change {
    let plural = if many == 1 { "" } else { "s" };
    Change {
        rule: "deprecation-too-early",
        machine: None,
        machines: BTreeSet::new(),
        subject: name.to_owned(),
        when: Settings::always(),
        condition: ALWAYS.to_owned(),
        level: Level::Break,
        breaks: everybody.clone(),
        broken: ObserverClass::ALL.map(|(name, _)| (name.to_owned(), Level::Break)).into(),
        seen_by: everybody.clone(),
        message: format!(
            "`{name}` is gone after {many} release{plural} that called it deprecated; {promised} are promised"
        ),
        evidence: Vec::new(),
        repeated: 0,
        ways: BTreeSet::new(),
        before: Vec::new(),
        now: Vec::new(),
        place: None,
    }
}
