//! `command-may-be-rejected`: a command that always succeeded can be refused.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "command-may-be-rejected",
    title: "a command that always succeeded can be refused",
    levels: Levels::all(Level::Break),
    definition: "After some sequence that an old client can drive, the old machine always answered a command with \
        success and the new one may refuse it. Replies and events reach a client in one stream: if the old machine could \
        refuse only after an event, a refusal before that event is new. So is one that comes before an event which the \
        old machine published before it answered anything. A client that asks sees no events, and what the old machine \
        may have done unseen excuses a refusal.",
    why: "the client has no path for a refusal there",
    keep_compatible: "accept the command and do nothing where it comes too late",
    accept: "when the refusal was always possible in practice, and clients were told",
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let Kind::MayBeRejected(command) = &difference.kind else { return None };
    if let (true, Some(at), Some(after)) =
        (walk.was_about_to_show(difference.pair), walk.right_after(difference.pair), walk.named_after(difference.pair))
    {
        let first = walk.shown_first(difference.pair);
        let message = format!(
            "right after {at} a client that sends `{command}` can now be refused; before, {first} always came first"
        );
        let is_everywhere = !walk.was_answered_after(difference.pair, command, false);
        return Some(Claim { subject: format!("{command} after {after}"), message, is_everywhere });
    }
    let status = walk.shown_before(difference.pair);
    let message = format!("{} was never refused; now it can be", walk.sender(difference.pair, command));
    let is_everywhere = walk.is_in_status(difference.pair)
        && !walk.is_refused_in(walk.old_everywhere(difference.pair), command)
        && walk.is_refused_in(walk.new_everywhere(difference.pair), command);
    Some(Claim { subject: format!("{command} in {status}"), message, is_everywhere })
}
