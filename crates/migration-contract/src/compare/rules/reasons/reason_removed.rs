//! `reason-removed`: a reason is gone.

use crate::compare::renames::Renames;
use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "reason-removed",
    title: "a reason is gone",
    levels: Levels::all(Level::Break),
    definition: "A reason that the old side has is not in the vocabulary any more, or no row gives it any more.",
    why: "a client that acts on it never does so again, and one that is built against the names does not build",
    keep_compatible: "keep giving the reason; deprecate it, and leave it out when it was deprecated for long enough",
    accept: "when it was deprecated for as long as is promised and its name is reserved",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    let [now, before] = &sides.given;
    let listed = |reason: &String| {
        let message = match (sides.new.reasons.contains_key(reason), before.contains(reason) && !now.contains(reason)) {
            (false, _) => match Renames::guess(&sides.renames.reasons, reason) {
                Some(now) => format!(
                    "the reason `{reason}` is gone, and `{now}` is given wherever it was: is it renamed? clients know it by its name"
                ),
                None => format!("the reason `{reason}` is gone"),
            },
            (true, true) => format!("no row gives the reason `{reason}` any more"),
            (true, false) => return None,
        };
        Some(Listed::new(reason, message))
    };
    sides.old.reasons.keys().filter_map(listed).collect()
}
