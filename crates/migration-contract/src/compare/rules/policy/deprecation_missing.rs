//! `deprecation-missing`: a name is gone that was not deprecated.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};
use migration_table::model::Was;

pub(in super::super) const RULE: Rule = Rule {
    id: "deprecation-missing",
    title: "a name is gone that was not deprecated",
    levels: Levels::all(Level::Break),
    definition: "A status, a reason or a command of the old side is gone, and the old side does not say that it was \
        deprecated. Compared with each of the releases that are still supported, this asks that all of \
        them said so.",
    why: "clients had no release in which they could see it coming and change",
    keep_compatible: "keep the name, deprecate it now, and leave it out when the promised number of releases has said \
        so",
    accept: "when the name was never in a release, or never worked",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let renamed: Vec<&String> = sides.new.statuses.keys().filter_map(|status| sides.renamed(status)).collect();
    let gone = sides.gone().into_iter().filter(|(was, name)| *was != Was::Status || !renamed.contains(&name));
    let open = gone.filter_map(|(was, name)| match was {
        Was::Status | Was::Reason | Was::Command => sides.deprecated(was, &name).is_none().then_some(name),
        Was::Capability => None,
    });
    open.map(|name| Listed::new(&name, format!("`{name}` is gone and was not deprecated before"))).collect()
}
