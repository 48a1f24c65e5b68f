//! `reason-added`: a reason is new to clients that know others.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Levels, Rule, Run};
use crate::compare::sides::{Listed, Sides};

pub(in super::super) const RULE: Rule = Rule {
    id: "reason-added",
    title: "a reason is new, and clients know others",
    levels: Levels { strict_events: Some(Level::Break), strict_poll: Some(Level::Break), ..Levels::all(Level::Note) },
    definition: "The new side has a reason that the old side has not, and the old side has others. The evidence is the nearest \
        way to it where the same status came before. Where no old client is told it, it is a note.",
    why: "a client that has a list of all reasons fails at one that is not in it",
    keep_compatible: "give a reason that clients know, if one is true; a reason says why and not how",
    accept: "when every client that is promised compatibility passes over a reason that it does not know",
    run: Run::Lists(list),
};

fn list(sides: &Sides<'_>) -> Vec<Listed> {
    if sides.old.reasons.is_empty() {
        return Vec::new();
    }
    let added = sides.new.reasons.keys().filter(|reason| !sides.old.reasons.contains_key(*reason));
    let listed = |reason: &String| {
        if sides.reasons.contains_key(reason) {
            return sides.arrived_reason(reason, format!("an old client can now be told the new reason `{reason}`"));
        }
        let message = if sides.given[0].contains(reason) {
            format!("the new reason `{reason}` comes where no old client is told it")
        } else {
            format!("the new reason `{reason}` is declared, and no row gives it yet")
        };
        Listed { levels: Some(Levels::all(Level::Note)), ..Listed::new(reason, message) }
    };
    added.map(listed).collect()
}
