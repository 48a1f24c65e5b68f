//! `configuration-added`: a setting is new.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, NO_APPROVAL, NOTHING_TO_DO, Rule, Run};
use crate::compare::sides::{Listed, Sides};
use crate::compare::when::can_make;

pub(in super::super) const RULE: Rule = Rule {
    id: "configuration-added",
    title: "a setting is new",
    levels: Levels::all(Level::Note),
    definition: "The new side has a setting, a capability or a value of a parameter, that the old side has not. \
        What is shown with it is not compared: for an old client it is off. A value of a parameter that the old side has \
        with any value is not new, and is compared.",
    why: "no client makes it that has not been changed",
    keep_compatible: NOTHING_TO_DO,
    accept: NO_APPROVAL,
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let added = sides.new.settings.iter().filter(|setting| !can_make(sides.old, setting));
    added.map(|setting| Listed::new(setting, format!("the setting `{setting}` is new"))).collect()
}
