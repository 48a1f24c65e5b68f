//! `event-new-successor`: a status can now follow where it could not.

use super::super::{Claim, Levels, Rule, Run, Scope};
use crate::compare::Level;
use crate::compare::walk::{Sight, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "event-new-successor",
    title: "a status can now follow where it could not",
    levels: Levels::all(Level::Break),
    definition: "After some sequence that an old client can drive, the new machine can show a status that the old \
        one could not show there. What only a closer rule tells is told by that one.",
    why: "a client that knows what can come next takes its error path, or acts on a status before what \
        belongs to it was done",
    keep_compatible: "let the new state show the status that was shown until now, or put the row under a new \
        capability",
    accept: "when every client that is promised compatibility was asked, or is known to look at the status \
        alone and not at the way to it",
    scope: Scope::Machine,
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, sight: &Sight) -> Option<Claim> {
    let label = walk.output_by_itself(sight)?;
    let (before, now) = (walk.shown_before(sight.pair), walk.shown(label));
    let message = format!("after `{before}` a client can now see `{now}`");
    Some(Claim { subject: format!("{before} -> {now}"), message })
}
