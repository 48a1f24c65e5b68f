//! `status-added-optin`: a status is new, and only a client that asks for something new is shown it.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, NO_APPROVAL, NOTHING_TO_DO, Rule, Run};
use crate::compare::sides::{Listed, Sides};
use crate::public::{shown, shown_by};

pub(in super::super) const RULE: Rule = Rule {
    id: "status-added-optin",
    title: "a status is new, and only a client that asks for something new is shown it",
    levels: Levels::all(Level::Note),
    definition: "A status that the old side does not have can be shown, and not after commands that an old client \
        knows to succeed and with the settings that it knows; or only by a machine that the old side does not have.",
    why: "no client is shown it that has not been changed",
    keep_compatible: NOTHING_TO_DO,
    accept: NO_APPROVAL,
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let shown = shown(sides.new);
    let added = sides.added().filter(|status| !sides.arrivals.contains_key(*status) && shown.contains(status));
    let known = |name: &str| sides.old.machines.iter().any(|machine| machine.name == name);
    let message = |status: &String| {
        let showing = sides.new.machines.iter().filter(|machine| shown_by(machine).contains(status));
        let showing: Vec<String> = showing.map(|machine| machine.name.clone()).collect();
        if showing.iter().any(|name| known(name)) {
            return format!("the new status `{status}` is shown only to a client that uses something new");
        }
        let names: Vec<String> = showing.iter().map(|name| format!("`{name}`")).collect();
        format!("the new status `{status}` is shown only by a new machine: {}", names.join(", "))
    };
    added.map(|status| Listed::new(status, message(status))).collect()
}
