//! `event-new-successor`: a status can now follow where it could not.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Walk};

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
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let label = walk.output_by_itself(difference)?;
    let (before, now) = (walk.shown_before(difference.pair), walk.shown(label));
    let message = format!("after `{before}` a client can now see `{now}`");
    let is_everywhere =
        !walk.names.shown(label).is_some_and(|it| walk.old_everywhere(difference.pair).next.contains(&it));
    Some(Claim { subject: format!("{before} -> {now}"), message, is_everywhere })
}
