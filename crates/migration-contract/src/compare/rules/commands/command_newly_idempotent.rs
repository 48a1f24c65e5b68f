//! `command-newly-idempotent`: a command that was refused now succeeds, and what is shown stays as it was.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, NO_APPROVAL, NOTHING_TO_DO, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "command-newly-idempotent",
    title: "a command that was refused now succeeds, and what is shown stays as it was",
    levels: Levels::all(Level::Note),
    definition: "After some sequence that an old client can drive, the old machine always refused a command; the \
        new one can answer it with success, and what can be seen next is the same as before.",
    why: "no client relies on a refusal",
    keep_compatible: NOTHING_TO_DO,
    accept: NO_APPROVAL,
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let Kind::Accepted(command) = &difference.kind else { return None };
    let status = walk.shown_before(difference.pair);
    let sender = walk.sender(difference.pair, command);
    let message = format!("{sender} was always refused; now it can succeed, and what is shown stays as it was");
    let is_everywhere = walk.is_in_status(difference.pair)
        && !walk.succeeds_in(walk.old_everywhere(difference.pair), command)
        && walk.succeeds_in(walk.new_everywhere(difference.pair), command);
    let subject = format!("{command} in {status}");
    walk.does_nothing(difference.pair, command).then_some(Claim { subject, message, is_everywhere })
}
