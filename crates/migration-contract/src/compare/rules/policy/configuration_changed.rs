//! `configuration-changed`: a setting is taken at another time.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};
use crate::public::settings::{ANY_VALUE, parameter_of};
use crate::public::{FOR_AN_ATTEMPT, Public, Term};

pub(in super::super) const RULE: Rule = Rule {
    id: "configuration-changed",
    title: "a setting is taken at another time, or with other values",
    levels: Levels::all(Level::Break),
    definition: "A setting was taken when an attempt begins (`fixed: true`) and is now looked at again at every step, or \
        the reverse. Or a guard that asked for one value of a \
        parameter holds with any now, so that a client with another value is shown what only that one led to.",
    why: "a client that makes the setting is shown something else by it than before",
    keep_compatible: "keep `fixed: true` and `is:` as they were",
    accept: "when no client makes the setting during an attempt, or with another value",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let changed = sides.old.terms.iter().filter_map(|(term, before)| {
        let Term::Setting(setting) = term else { return None };
        let (when, message) = match taken_anew(sides.new, setting, before)?.as_str() {
            FOR_AN_ATTEMPT => ("for an attempt", "only when an attempt begins"),
            _ => ("at every step", "at every step"),
        };
        let message = format!("the setting `{setting}` is now looked at {message}");
        Some(Listed::new(format!("{setting}: {when}"), message))
    });
    let widened = widened(sides).into_iter().map(|setting| {
        let parameter = parameter_of(setting).unwrap_or(setting);
        let message = format!("the setting `{setting}` now counts with any value of `{parameter}`");
        Listed::new(format!("{setting} -> {parameter}{ANY_VALUE}"), message)
    });
    changed.chain(widened).collect()
}

/// When the new side takes a setting, if that is at another time than before. What gives it there may be another value of the
/// parameter, or any.
fn taken_anew<'n>(new: &'n Public, setting: &String, before: &String) -> Option<&'n String> {
    if let Some(now) = new.terms.get(&Term::Setting(setting.clone())) {
        return Some(now).filter(|now| *now != before);
    }
    let parameter = parameter_of(setting)?;
    let any = format!("{parameter}{ANY_VALUE}");
    let is_alike = |other: &&String| **other == any || *setting == any && parameter_of(other) == Some(parameter);
    let alike = new.settings.iter().filter(is_alike);
    let mut alike = alike.filter_map(|other| new.terms.get(&Term::Setting(other.clone())));
    alike.find(|now| *now != before)
}

/// The values of parameters that the old side asks for, where the new side asks for any.
pub(super) fn widened<'s>(sides: &Sides<'s>) -> Vec<&'s String> {
    let is_wide = |setting: &&String| {
        let any = parameter_of(setting).map(|parameter| format!("{parameter}{ANY_VALUE}"));
        any.is_some_and(|any| sides.new.settings.contains(&any) && !sides.old.settings.contains(&any))
    };
    sides.old.settings.difference(&sides.new.settings).filter(is_wide).collect()
}
