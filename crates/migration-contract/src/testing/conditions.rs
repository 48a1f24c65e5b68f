//! Under which settings a finding holds, and which settings are played.

use std::collections::BTreeSet;

use crate::compare::{Channel, ObserverClass, Repeat};
use crate::public::ALWAYS;
use crate::public::settings::{SettingCube, is_possible, setting_id};

/// Whether a client of this class sees the whole stream, so that it knows where the machine is.
pub(super) fn sees_all(class: ObserverClass) -> bool {
    class.channel == Channel::Events && class.repeat == Repeat::See
}

/// Whether a condition, as findings write it, holds with these capabilities on.
pub(super) fn holds(condition: &str, on: &BTreeSet<String>) -> bool {
    condition == ALWAYS
        || condition.split(" or ").any(|case| {
            case.split(" and ").all(|literal| match literal.strip_prefix("not ") {
                Some(name) => !on.contains(name),
                None => on.contains(literal),
            })
        })
}

/// For each case of a condition, as findings write it, the setting with just what it names.
pub(super) fn named_settings(condition: &str) -> Vec<BTreeSet<String>> {
    let cases = if condition == ALWAYS { "" } else { condition }.split(" or ");
    let named = |case: &str| {
        let literals = case.split(" and ").filter(|literal| !literal.is_empty() && !literal.starts_with("not "));
        literals.map(str::to_owned).collect()
    };
    cases.map(named).collect()
}

/// The same, and each with one more of these settings on, where the condition still holds: the evidence of a finding is
/// the shortest of all its cases, and may need what the others do not.
pub(super) fn settings_near<'n>(
    condition: &str,
    names: impl Iterator<Item = &'n String> + Clone,
) -> Vec<BTreeSet<String>> {
    let more = |on: BTreeSet<String>| {
        let with = names.clone().map(|name| on.iter().cloned().chain([name.clone()]).collect());
        [on.clone()].into_iter().chain(with.collect::<BTreeSet<_>>()).collect::<Vec<_>>()
    };
    named_settings(condition).into_iter().flat_map(more).filter(|on| holds(condition, on)).collect()
}

/// Whether a client can make just these settings, where these cases are impossible.
pub(super) fn is_made(on: &BTreeSet<String>, names: &[String], impossible: &[SettingCube]) -> bool {
    let ids = |is_on: bool| names.iter().filter(move |name| on.contains(*name) == is_on);
    let set = |is_on| ids(is_on).filter_map(|name| setting_id(names, name)).collect();
    is_possible(SettingCube { set: set(true), clear: set(false) }, impossible)
}

/// Some settings: none on, all on, and up to so many more.
pub(super) fn settings(names: &[String], most: usize) -> BTreeSet<BTreeSet<String>> {
    let count = 1_usize << names.len().min(16);
    let step = (count / (most + 2).min(count)).max(1);
    let mut chosen: BTreeSet<usize> = (0..count).step_by(step).take(most + 1).collect();
    chosen.insert(count - 1);
    let on = |bits: usize| names.iter().enumerate().filter(move |(at, _)| bits >> at & 1 != 0);
    chosen.into_iter().map(|bits| on(bits).map(|(_, name)| name.clone()).collect()).collect()
}
