//! `quiescence-added`: the machine can now stay for ever where it always went on.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "quiescence-added",
    title: "the machine can now stay for ever where it always went on",
    levels: Levels::all(Level::Break),
    definition: "After some sequence that an old client can drive, the new machine can rest for ever, its attempt \
        not over, where the old one always showed something more.",
    why: "a client waits for the next status and hangs",
    keep_compatible: "give the state a time limit, or a row for whatever its work can report",
    accept: "when the wait is for a command that clients know they have to send",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    if difference.kind != Kind::Rest {
        return None;
    }
    let status = walk.status_of(walk.resting(difference.pair).first().copied()?);
    let before = walk.shown_before(difference.pair);
    let after = if before == status { String::new() } else { format!(" `{before}`") };
    let message =
        format!("a client can now wait for ever in `{status}`; before, another status always followed{after}");
    let is_everywhere = !walk.old_everywhere(difference.pair).rests;
    Some(Claim { subject: status, message, is_everywhere })
}
