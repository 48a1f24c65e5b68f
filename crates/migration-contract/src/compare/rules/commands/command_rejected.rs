//! `command-rejected`: a command that could succeed is always refused.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "command-rejected",
    title: "a command that could succeed is always refused",
    levels: Levels::all(Level::Break),
    definition: "After some sequence that an old client can drive, the old machine could answer a command with \
        success and the new one never does. The evidence ends with the refusal, or, where the old machine could refuse as \
        well, with the success that is gone.",
    why: "the client has no other way to get what it asks for",
    keep_compatible: "accept the command and do what it asks for as soon as it can be done, or answer with success and \
        do nothing",
    accept: "when the command never did what it promised there",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let Kind::Rejected(command) = &difference.kind else { return None };
    let status = walk.shown_before(difference.pair);
    let could_fail = walk.was_refused(difference.pair, command);
    let before = if could_fail { "could succeed" } else { "was never refused" };
    let message = format!("{} {before}; now it is always refused", walk.sender(difference.pair, command));
    let is_everywhere = walk.is_in_status(difference.pair)
        && !walk.succeeds_in(walk.new_everywhere(difference.pair), command)
        && (could_fail || !walk.is_refused_in(walk.old_everywhere(difference.pair), command));
    Some(Claim { subject: format!("{command} in {status}"), message, is_everywhere })
}
