//! `deprecation-added`: a name is to go.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, NO_APPROVAL, NOTHING_TO_DO, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "deprecation-added",
    title: "a name is to go",
    levels: Levels::all(Level::Note),
    definition: "A status, a reason or a command that both sides have is deprecated on the new side only.",
    why: "clients have to change before it goes",
    keep_compatible: NOTHING_TO_DO,
    accept: NO_APPROVAL,
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let (new, old) = (sides.new, sides.old);
    let names = new.statuses.iter().map(|name| (name, &old.statuses));
    let names = names.chain(new.reasons.iter().map(|name| (name, &old.reasons)));
    let names = names.chain(new.commands.iter().map(|name| (name, &old.commands)));
    let added = names.filter(|((name, now), old)| {
        now.deprecated.is_some() && old.get(*name).is_some_and(|before| before.deprecated.is_none())
    });
    added.map(|((name, _), _)| Listed::new(name, format!("`{name}` is now deprecated"))).collect()
}
