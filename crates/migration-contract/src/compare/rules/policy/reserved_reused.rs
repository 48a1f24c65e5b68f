//! `reserved-reused`: a name that was given up is used again.

use std::collections::BTreeSet;

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};
use migration_table::model::Was;

pub(in super::super) const RULE: Rule = Rule {
    id: "reserved-reused",
    title: "a name that was given up is used again",
    levels: Levels::all(Level::Break),
    definition: "The old side lists a name under `reserved`, and the new side has a status, a reason, a command \
        or a capability of that name, whatever it was reserved for; but not one that the old side has as well.",
    why: "a client that still knows the old meaning is misled",
    keep_compatible: "take another name",
    accept: "when no client that knew the old meaning is left",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let (used, known) = (Sides::names(sides.new), Sides::names(sides.old));
    // The old side may use for one kind what it reserves for another; that is nothing new.
    let again = |reserved: &(Was, String), name: &(Was, String)| {
        name.1 == reserved.1 && (name == reserved || !known.contains(name))
    };
    let reserved = sides.old.reserved.keys().filter(|reserved| used.iter().any(|name| again(reserved, name)));
    let names: BTreeSet<&String> = reserved.map(|(_, name)| name).collect();
    names.into_iter().map(|name| Listed::new(name, format!("the reserved name `{name}` is used again"))).collect()
}
