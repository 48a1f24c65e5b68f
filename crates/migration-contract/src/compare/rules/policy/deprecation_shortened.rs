//! `deprecation-shortened`: a deprecated name stays for fewer releases than was promised.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "deprecation-shortened",
    title: "a deprecated name stays for fewer releases than was promised",
    levels: Levels::all(Level::Break),
    definition: "The new side has a smaller `deprecated_for` than the old one.",
    why: "clients were promised a number of releases to change in; a later release judges by its own number",
    keep_compatible: "keep the number, or raise it",
    accept: "when no name is deprecated, or everybody was told of the new number",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let (before, now) = (sides.old.deprecated_for, sides.new.deprecated_for);
    let message = format!("a deprecated name stays for {now} instead of {before} releases");
    let shorter = (now < before).then(|| Listed::new(format!("deprecated_for {before} -> {now}"), message));
    shorter.into_iter().collect()
}
