//! `deprecation-too-early`: a name is gone before the time that was promised.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "deprecation-too-early",
    title: "a name is gone before the time that was promised",
    levels: Levels::all(Level::Break),
    definition: "A status, a reason or a command of the old side was deprecated and is gone, and the release that first \
        does without it, as `reserved` says, is not later than the one that deprecated it. Or fewer \
        releases that are still supported say deprecated than the newest of them promises with `deprecated_for`.",
    why: "clients were promised a number of releases to change in",
    keep_compatible: "keep the name until the promised number of releases has said that it is deprecated",
    accept: "when nobody is left who uses the name",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let early = sides.gone().into_iter().filter_map(|(was, name)| {
        let (since, removed) = (sides.deprecated(was, &name)?, sides.new.reserved.get(&(was, name.clone()))?);
        let message = format!("`{name}` was deprecated in {since} and is gone in {removed}");
        (version(removed) <= version(since)).then(|| Listed::new(name, message))
    });
    early.collect()
}

/// A release as numbers; what is no number comes last.
fn version(text: &str) -> Vec<u32> {
    text.split('.').map(|part| part.parse().unwrap_or(u32::MAX)).collect()
}
