//! `guarantee-removed`: a promise is withdrawn.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "guarantee-removed",
    title: "a promise is withdrawn",
    levels: Levels::all(Level::Break),
    definition: "The old side gives a guarantee and the new side gives none of that name. Guarantees are told \
        apart by their names.",
    why: "clients were built on it",
    keep_compatible: "keep the guarantee and what keeps it",
    accept: "when no client relies on it",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let removed = sides.old.guarantees.keys().filter(|name| !sides.new.guarantees.contains_key(*name));
    removed.map(|name| Listed::new(name, format!("the guarantee `{name}` is withdrawn"))).collect()
}
