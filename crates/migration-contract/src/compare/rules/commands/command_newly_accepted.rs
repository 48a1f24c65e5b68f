//! `command-newly-accepted`: a command that was always refused can succeed.

use crate::compare::report::Level;
use crate::compare::rules::definition::{Claim, Levels, NO_APPROVAL, NOTHING_TO_DO, Rule, Run};
use crate::compare::walk::{Difference, Kind, Walk};

pub(in super::super) const RULE: Rule = Rule {
    id: "command-newly-accepted",
    title: "a command that was always refused can succeed",
    levels: Levels::all(Level::Note),
    definition: "After some sequence that an old client can drive, the old machine always refused a command and \
        the new one can answer it with success. What follows is compared only for a client to which the old machine might \
        have accepted the command: one that polls may not know where the machine is.",
    why: "no client relies on a refusal",
    keep_compatible: NOTHING_TO_DO,
    accept: NO_APPROVAL,
    run: Run::Claims(claim),
};

fn claim(walk: &Walk<'_>, difference: &Difference) -> Option<Claim> {
    let Kind::Accepted(command) = &difference.kind else { return None };
    let status = walk.shown_before(difference.pair);
    let message = format!("{} was always refused; now it can succeed", walk.sender(difference.pair, command));
    let is_everywhere = walk.is_in_status(difference.pair)
        && !walk.succeeds_in(walk.old_everywhere(difference.pair), command)
        && walk.succeeds_in(walk.new_everywhere(difference.pair), command);
    Some(Claim { subject: format!("{command} in {status}"), message, is_everywhere })
}
