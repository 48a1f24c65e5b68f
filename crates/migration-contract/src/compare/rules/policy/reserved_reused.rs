//! `reserved-reused`: a name that was given up is used again.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "reserved-reused",
    title: "a name that was given up is used again",
    levels: Levels::all(Level::Break),
    definition: "The old side lists a name under `reserved`, and the new side has a status, a reason, a command \
        or a capability of that name, whatever was reserved it for.",
    why: "a client that still knows the old meaning is misled",
    keep_compatible: "take another name",
    accept: "when no client that knew the old meaning is left",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let names = Sides::names(sides.new);
    let used = sides.old.reserved.keys().filter(|name| names.contains(name));
    used.map(|(_, name)| Listed::new(name, format!("the reserved name `{name}` is used again"))).collect()
}
