//! `configuration-removed`: a setting is gone.

use super::configuration_changed::widened;
use crate::compare::renames::Renames;
use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "configuration-removed",
    title: "a setting is gone",
    levels: Levels::all(Level::Break),
    definition: "The old side has a setting, a capability or a value of a parameter, that the new side has not. \
        A side has the settings of the guards that a row, an answer or a trigger names. What was shown with it is not compared: the sides are compared with it off. A value of a \
        parameter that now counts with any value is not gone: that is `configuration-changed`.",
    why: "a client that makes the setting is refused",
    keep_compatible: "keep the guard of the setting in a row; where nothing is left for it to do, `(done and guard or done and \
        not guard)` in place of `done` keeps it and does nothing",
    accept: "when it was deprecated for as long as is promised and its name is reserved",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let removed =
        sides.old.settings.difference(&sides.new.settings).filter(|setting| !widened(sides).contains(setting));
    let message = |setting: &String| match Renames::guess(&sides.renames.settings, setting) {
        Some(now) => format!(
            "the setting `{setting}` is gone, and `{now}` decides what it did: is it renamed? clients know it by its name"
        ),
        None => format!("the setting `{setting}` is gone"),
    };
    removed.map(|setting| Listed::new(setting, message(setting))).collect()
}
